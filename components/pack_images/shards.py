"""Shards: encoded images one after another in a file named by the checksum of its content.

Written aside, then put into the store unless it is there whole: only a damaged shard is ever
overwritten, so an index never comes to point at something else.
"""

import hashlib
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from components.shared.images.shards import image_checksum, is_kept, shard_name
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store

MEGABYTE = 1_000_000


def shard_bytes(config: ImagesSettings) -> int:
    """Bytes that a shard may have; about so many of the source are a block."""
    return config.shard_megabytes * MEGABYTE


class ShardWriter:
    """Packs images in the order given; a context manager, whose end puts the last shard."""

    def __init__(
        self,
        store_uri: str,
        shard_bytes: int,
        keep: Callable[[str, Sequence[dict[str, Any]]], None],
    ) -> None:
        """Start with no shard open.

        Args:
            store_uri: Folder or s3:// prefix of the shards.
            shard_bytes: A shard is closed before it would grow beyond this.
            keep: Called with the address of each shard and its images' rows, once it is in the
                store.
        """
        self.store_uri, self.shard_bytes, self.keep = store_uri, shard_bytes, keep
        self._folder = tempfile.TemporaryDirectory(prefix="shards-")
        self._start()

    def _start(self) -> None:
        self._file = (Path(self._folder.name) / "shard").open("wb")
        self._hash = hashlib.sha256()
        self._rows: list[dict[str, Any]] = []
        self._size = 0

    def add(self, data: bytes, row: dict[str, Any]) -> None:
        """Append an image, to a new shard where this one is full.

        Args:
            data: The image as it is packed.
            row: What is known of it; it gets offset, length and checksum.
        """
        if self._rows and self._size + len(data) > self.shard_bytes:
            self.close_shard()
        place = {"offset": self._size, "length": len(data), "checksum": image_checksum(data)}
        self._rows.append({**row, **place})
        self._file.write(data)
        self._hash.update(data)
        self._size += len(data)

    def close_shard(self) -> None:
        """Put what there is into the store; the next image starts a shard."""
        self._file.close()
        if self._rows:
            uri = store.join(self.store_uri, shard_name(self._hash.hexdigest()))
            if not is_kept(uri):
                store.upload(Path(self._file.name), uri)
            self.keep(uri, self._rows)
        self._start()

    def __enter__(self) -> "ShardWriter":
        """The writer itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the last shard, unless something failed, and remove what was written aside."""
        try:
            if kind is None:
                self.close_shard()
        finally:
            self._file.close()
            self._folder.cleanup()
