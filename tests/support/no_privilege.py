"""Lets permissions of files count also where the tests are run as root."""

import ctypes
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager

DAC_OVERRIDE, DAC_READ_SEARCH = 1, 2
VERSION_3 = 0x20080522
_LIBC = ctypes.CDLL(None, use_errno=True)


@contextmanager
def permissions_count() -> Iterator[None]:
    """Do without root's right to read everything, in this thread and those that it starts."""
    header = ctypes.create_string_buffer(struct.pack("<Ii", VERSION_3, 0), 8)
    data = ctypes.create_string_buffer(24)
    _call(_LIBC.capget(header, data))
    effective, *others = struct.unpack("<6I", data.raw)
    less = effective & ~(1 << DAC_OVERRIDE | 1 << DAC_READ_SEARCH)
    _call(_LIBC.capset(header, struct.pack("<6I", less, *others)))
    try:
        yield
    finally:
        _call(_LIBC.capset(header, data))


def _call(failed: int) -> None:
    if failed:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
