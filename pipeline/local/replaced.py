"""Has kfp do a part of its work by a function of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any


@contextmanager
def replaced(module: ModuleType, name: str, ours: Any) -> Iterator[None]:
    """Have a module use something else under one of its names while the context lasts.

    Args:
        module: One of kfp's.
        name: What it uses.
        ours: What it uses instead; a function takes and returns the same.
    """
    original = getattr(module, name)
    setattr(module, name, ours)
    try:
        yield
    finally:
        setattr(module, name, original)
