"""Where a program waits for the GPU, as torch notes it."""

import warnings
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import torch

KEEPS_WEIGHTS = "epochs.py"
"""It copies weights where an epoch is the best so far, which depends on the figures."""


def waits(work: Callable[[], object]) -> Counter[str]:
    """How often each line, `file.py:12`, waits until the GPU has done all that was asked of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            work()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    return Counter(
        f"{Path(one.filename).name}:{one.lineno}"
        for one in caught
        if "called a synchronizing CUDA operation" in str(one.message)
        and Path(one.filename).name != KEEPS_WEIGHTS
    )
