"""What tells whether data are the same: checksums of artifacts, fingerprints of raw inputs."""

import hashlib
from pathlib import Path

from components.shared.storage import store

BLOCK = 1 << 20


def file_checksum(path: Path) -> str:
    """Hexadecimal BLAKE2b (128 bits) of a file's bytes."""
    digest = hashlib.blake2b(digest_size=16)
    with path.open("rb") as stream:
        while block := stream.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def checksum(path: Path) -> str:
    """Checksum of a file, or of a folder: of its files' relative paths and checksums."""
    if path.is_file():
        return file_checksum(path)
    digest = hashlib.blake2b(digest_size=16)
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(path).as_posix()}\0{file_checksum(file)}\0".encode())
    return digest.hexdigest()


def source_fingerprint(uri: str) -> str:
    """Fingerprint of raw input: paths, sizes and times (of objects: ETags); no byte is read.

    Raises:
        ValueError: nothing is there.
    """
    digest = hashlib.blake2b(digest_size=16)
    for file in store.list_files(uri):
        digest.update(f"{file}\0{store.state_of(file)}\0".encode())
    return digest.hexdigest()
