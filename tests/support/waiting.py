"""How often a program waits for the GPU, as torch counts it."""

import warnings
from collections.abc import Callable

import torch


def waits(work: Callable[[], object]) -> int:
    """Calls of torch that wait for the GPU until it has done all that was asked of it."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        torch.cuda.set_sync_debug_mode("warn")
        try:
            work()
        finally:
            torch.cuda.set_sync_debug_mode("default")
    return sum("called a synchronizing CUDA operation" in str(one.message) for one in caught)
