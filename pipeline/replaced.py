"""Has kfp do a part of its work by a function of ours."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def replaced(module: ModuleType, name: str, ours: Callable[..., Any]) -> Iterator[None]:
    """Have a module use another function under one of its names while the context lasts.

    Args:
        module: One of kfp's, or one that it uses.
        name: What it calls.
        ours: What it calls instead; takes and returns the same.
    """
    original = getattr(module, name)
    setattr(module, name, ours)
    try:
        yield
    finally:
        setattr(module, name, original)
