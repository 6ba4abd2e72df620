"""Shards as prepare_images leaves them: files named by the checksum of their content."""

import hashlib
from pathlib import Path

from components.shared.images.shards import shard_name


def write_shard(folder: Path, content: bytes) -> Path:
    """Write a shard into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / shard_name(hashlib.sha256(content).hexdigest())
    file.write_bytes(content)
    return file
