"""What tells whether data are the same: checksums of artifacts, fingerprints of raw inputs."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from components.shared.storage import store
from components.shared.storage.passed_over import is_passed_over
from components.shared.storage.patterns import below

BLOCK = 1 << 20


def file_checksum(path: Path) -> str:
    """Hexadecimal BLAKE2b (128 bits) of a file's bytes."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def checksum(path: Path) -> str:
    """Checksum of a file, or of a folder: of its files' relative paths and checksums.

    What a system leaves in a folder that somebody has looked into changes nothing.
    """
    if path.is_file():
        return file_checksum(path)
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        name = file.relative_to(path).as_posix()
        if not is_passed_over(name):
            digest.update(f"{name}\0{file_checksum(file)}\0".encode())
    return digest.hexdigest()


def arrays_checksum(arrays: Mapping[str, np.ndarray], text: str = "") -> str:
    """Checksum of arrays by name, of any types and shapes, and of a text that belongs to them."""
    digest = hashlib.blake2b(text.encode(), digest_size=16)
    for name, array in sorted(arrays.items()):
        digest.update(f"\0{name}\0{array.dtype}\0{array.shape}\0".encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).view(np.uint8).data)
    return digest.hexdigest()


def source_state(uri: str) -> str:
    """State of raw input: "12 files, 3456789 bytes, <32 hexadecimal digits>"; no byte is read.

    The digits stand for each file's path below the address, its size, and its ETag or time: the
    same address with other content has another state.

    Raises:
        ValueError: Nothing is there.
    """
    states = store.states(uri)
    digest = hashlib.blake2b(digest_size=16)
    for state in states:
        text = f"{below(uri, state.uri)}\0{state.size}\0{state.mark}\0"
        # Names of files need not be UTF-8.
        digest.update(text.encode(errors="surrogateescape"))
    files = f"{len(states)} file{'s' if len(states) > 1 else ''}"
    size = sum(state.size or 0 for state in states)
    return f"{files}, {size} bytes, {digest.hexdigest()}"
