"""Files on web servers, read over connections that may drop."""

import http.client
import io
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO

from components.shared.storage.backend import FileState
from components.shared.storage.http_requests import (
    DEFAULT_PATIENCE,
    SCHEMES,
    Answer,
    Facts,
    Failure,
    ask,
    facts_of,
    open_from,
    patiently,
    read_all,
    receive,
    shown,
)

__all__ = ["SCHEMES", "shown"]

READS_PER_CORE = 4
"""An answer is waited for."""

PATIENCE = DEFAULT_PATIENCE
BUFFER = 1 << 18


def local_path(uri: str) -> Path | None:  # noqa: ARG001  # As every place has it.
    """None: the file lies elsewhere."""
    return None


def exists(uri: str) -> bool:
    """Whether the server has the file.

    Raises:
        ValueError: The server cannot be reached or refuses.
    """
    return _facts(uri) is not None


def states(uri: str) -> Iterator[FileState]:
    """The one file, if the server has it.

    Raises:
        ValueError: The server cannot be reached or refuses.
    """
    facts = _facts(uri)
    if facts:
        yield FileState(uri, facts.length, facts.etag or facts.modified)


def size(uri: str) -> int:
    """A file's bytes.

    Raises:
        ValueError: It is not there, or the server does not say.
    """
    facts = _facts(uri)
    if facts is None or facts.length is None:
        raise ValueError(f"{shown(uri)!r}: the server names no size: copy the file first.")
    return facts.length


def open_read(uri: str) -> AbstractContextManager[IO[bytes]]:
    """Stream a file from its beginning; a dropped connection is taken up where it broke off.

    Raises:
        ValueError: It is not there, or (while reading) the connection dropped and the server
            cannot send the rest.
    """
    with _unreadable(uri):
        answer = open_from(uri, 0, "", PATIENCE.timeout)
    return io.BufferedReader(_ResumingReader(uri, answer), BUFFER)


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on.

    Raises:
        ValueError: It is not there, or the server sends whole files only.
    """
    span = {"Range": f"bytes={offset}-{offset + length - 1}"}
    with _unreadable(uri), ask(uri, PATIENCE.timeout, span) as response:
        if response.status != http.client.PARTIAL_CONTENT:
            raise ValueError(f"{shown(uri)!r}: the server sends no parts of files: copy it first.")
        return read_all(response)


def upload(local: Path, uri: str) -> None:  # noqa: ARG001  # As every place has it.
    """Refuse: web servers are read only.

    Raises:
        ValueError: Always.
    """
    raise _read_only(uri)


def writing(uri: str) -> AbstractContextManager[Path]:
    """Refuse: web servers are read only.

    Raises:
        ValueError: Always.
    """
    raise _read_only(uri)


def delete(uri: str) -> None:
    """Refuse: web servers are read only.

    Raises:
        ValueError: Always.
    """
    raise _read_only(uri)


def delete_below(uri: str) -> None:
    """Refuse: web servers are read only.

    Raises:
        ValueError: Always.
    """
    raise _read_only(uri)


def _read_only(uri: str) -> ValueError:
    return ValueError(f"{shown(uri)!r} can only be read: give a path or an s3:// address.")


def _facts(uri: str) -> Facts | None:
    with _unreadable(uri):
        return facts_of(uri, PATIENCE.timeout)


@contextmanager
def _unreadable(uri: str) -> Iterator[None]:
    try:
        yield
    except Failure as failure:
        raise ValueError(f"{shown(uri)!r} cannot be read: {failure}.") from failure


class _ResumingReader(io.RawIOBase):
    """The bytes of one file over as many connections as it takes."""

    def __init__(self, uri: str, answer: Answer) -> None:
        self.uri, self.facts = uri, answer.facts
        self.response: http.client.HTTPResponse | None = answer.response
        self.position, self.ended = 0, answer.facts.length == 0

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
            return patiently(self.uri, lambda: self._receive(buffer), PATIENCE)
        except Failure as failure:
            raise ValueError(
                f"{shown(self.uri)!r}: the connection dropped after {self.position:,} bytes and "
                f"could not be made again ({failure}): try later, or copy the file first."
            ) from failure

    def _receive(self, buffer: memoryview) -> int:
        """Take what comes, over a new connection where there is none any more."""
        try:
            self.response = self.response or self._rest()
            data = receive(self.response, len(buffer))
            if not data and self.facts.length is not None:
                raise Failure("the rest did not come")
        except Failure:
            self._disconnect()
            raise
        buffer[: len(data)] = data
        self.position += len(data)
        self.ended = not data or self.position == self.facts.length
        return len(data)

    def _disconnect(self) -> None:
        if self.response:
            self.response.close()
        self.response = None

    def _rest(self) -> http.client.HTTPResponse:
        try:
            answer = open_from(self.uri, self.position, self.facts.version, PATIENCE.timeout)
        except Failure as failure:
            # The file was there a moment ago, so that no refusal is lasting.
            raise Failure(str(failure)) from failure
        same = self.facts.length is None or answer.facts.length in (self.facts.length, None)
        if answer.start != self.position or not same:
            answer.response.close()
            raise ValueError(
                f"{shown(self.uri)!r}: the connection dropped after {self.position:,} bytes, and "
                "the server cannot send the rest of the same file: copy the file first."
            )
        return answer.response
