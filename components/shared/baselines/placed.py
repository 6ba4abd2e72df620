"""A constant array where it is needed: sent to a device once, then kept there."""

from collections.abc import Callable
from functools import cache

import numpy as np
import torch
from torch import Tensor


def placed(array: np.ndarray) -> Callable[[torch.device], Tensor]:
    """Return what gives the array as float32 on a device, or as int64 if it holds integers."""
    of_integers = np.issubdtype(array.dtype, np.integer)
    tensor = torch.from_numpy(np.ascontiguousarray(array, np.int64 if of_integers else np.float32))
    return cache(tensor.to)
