"""What a place that keeps files must be able to do; local, s3 and web are the places there are."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol


@dataclass(frozen=True, slots=True)
class FileState:
    """A file as its place lists it, no byte of it read.

    Attributes:
        uri: Its address.
        size: Its bytes; None where a web server does not say.
        mark: Its ETag or its time: changes when the content does.
        is_data: Whether it is a file to be read; else it is passed over, a folder with all that is
            in it: hidden, a system's own, no plain file, or a link into a folder that it lies in.
    """

    uri: str
    size: int | None
    mark: str
    is_data: bool = True


class Backend(Protocol):
    """The functions of one kind of place; `components.shared.storage.store` says what each does."""

    READS_PER_CORE: int

    def shown(self, uri: str) -> str:
        """Return the address as messages may have it."""

    def local_path(self, uri: str) -> Path | None:
        """Return where the file lies on this machine; None: it lies elsewhere."""

    def exists(self, uri: str) -> bool:
        """Return whether a file, or a folder, is there."""

    def states(self, uri: str) -> Iterator[FileState]:
        """Yield the files that a file, a folder or a pattern stands for, in any order."""

    def open_read(
        self, uri: str, offset: int = 0, length: int = 0
    ) -> AbstractContextManager[IO[bytes]]:
        """Stream a file from a byte on, so many bytes of it at least; 0: all that follow."""

    def open_seekable(self, uri: str) -> AbstractContextManager[IO[bytes]]:
        """Open a file to be sought in."""

    def read_range(self, uri: str, offset: int, length: int) -> bytes:
        """Return `length` bytes from byte `offset` on."""

    def upload(self, local: Path, uri: str) -> None:
        """Copy a file to the address."""

    def writing(self, uri: str) -> AbstractContextManager[Path]:
        """Give a path to write to, whose file takes the address when the block ends well."""

    def delete(self, uri: str) -> None:
        """Remove a file, if it is there."""

    def check_writable(self, uri: str) -> None:
        """Refuse an address that cannot be written to, where that can be known beforehand."""

    def delete_below(self, uri: str) -> None:
        """Remove every file below a folder or a prefix, if there are any."""
