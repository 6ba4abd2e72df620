"""Reading a remote file over connections that may break off in the middle."""

import io
from collections.abc import Callable
from dataclasses import dataclass

from components.shared.storage.http_requests import Failure, Patience, patiently, shown

BUFFER = 1 << 18


@dataclass(frozen=True)
class Connection:
    """The bytes of a file from some byte on, as they come.

    Attributes:
        take: Given how many are wanted at most, returns what has arrived; none: nothing will any
            more. Raises `Failure` where the connection breaks off.
        close: Gives the connection back.
    """

    take: Callable[[int], bytes]
    close: Callable[[], None]


@dataclass(frozen=True)
class Remote:
    """A file that can be read from any byte on.

    Attributes:
        uri: Its address.
        end: The byte behind the last one that is wanted; None where the server names no length.
        open_at: Opens it at a byte. Raises `Failure` where that may go better later, and
            ValueError where the rest cannot be had.
        patience: How long it is tried again without a new byte.
    """

    uri: str
    end: int | None
    open_at: Callable[[int], Connection]
    patience: Patience


def open_resuming(remote: Remote, connection: Connection, start: int = 0) -> io.BufferedReader:
    """Stream a file; a connection that breaks off is made again where it did.

    Args:
        remote: The file.
        connection: To it, open at `start`.
        start: The first byte.
    """
    return io.BufferedReader(_ResumingReader(remote, connection, start), BUFFER)


class _ResumingReader(io.RawIOBase):
    """The bytes of one file over as many connections as it takes."""

    def __init__(self, remote: Remote, connection: Connection, start: int) -> None:
        self.remote = remote
        self.connection: Connection | None = connection
        self.position, self.ended = start, remote.end == start

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer; less only at the end of the file."""
        # A slice of a bytearray would be a copy.
        view, filled = memoryview(buffer), 0
        while filled < len(view) and not self.ended:
            filled += self._received(view[filled:])
        return filled

    def close(self) -> None:
        self._disconnect()
        super().close()

    def _received(self, buffer: memoryview) -> int:
        try:
            return patiently(self.remote.uri, lambda: self._receive(buffer), self.remote.patience)
        except Failure as failure:
            raise ValueError(
                f"{shown(self.remote.uri)!r}: the connection dropped after {self.position:,} bytes "
                f"and could not be made again ({failure}): try later, or copy the file first."
            ) from failure

    def _receive(self, buffer: memoryview) -> int:
        """Take what comes, over a new connection where there is none any more."""
        try:
            self.connection = self.connection or self.remote.open_at(self.position)
            data = self.connection.take(self._wanted(len(buffer)))
            if not data and self.remote.end is not None:
                raise Failure("the rest did not come")
        except Failure:
            self._disconnect()
            raise
        buffer[: len(data)] = data
        self.position += len(data)
        self.ended = not data or self.position == self.remote.end
        return len(data)

    def _wanted(self, room: int) -> int:
        return room if self.remote.end is None else min(room, self.remote.end - self.position)

    def _disconnect(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None
