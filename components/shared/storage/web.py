"""Files on web servers, read over connections that may drop."""

import http.client
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from components.shared.storage.backend import FileState
from components.shared.storage.http_requests import (
    DEFAULT_PATIENCE,
    SCHEMES,
    Facts,
    Failure,
    facts_of,
    open_from,
    patiently,
    read_part,
    receive,
    shown,
)
from components.shared.storage.ranged import open_ranged
from components.shared.storage.resuming import Connection, Remote, open_resuming

__all__ = ["SCHEMES", "shown"]

READS_PER_CORE = 4
"""An answer is waited for."""

PATIENCE = DEFAULT_PATIENCE


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


def open_seekable(uri: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file to be sought in; all that is read of it is of the version that it has now.

    Raises:
        ValueError: It is not there, the server does not say its size, or (while reading) it sends
            whole files only, or the file changed.
    """
    facts = _facts(uri)
    if facts is None or facts.length is None:
        raise ValueError(f"{shown(uri)!r}: the server names no size: copy the file first.")
    return open_ranged(facts.length, partial(_read, uri, facts.version))


def open_read(uri: str, offset: int = 0, length: int = 0) -> AbstractContextManager[IO[bytes]]:  # noqa: ARG001  # As every place has it.
    """Stream a file from a byte on; a dropped connection is taken up where it broke off.

    Raises:
        ValueError: It is not there, the server sends whole files only, or (while reading) the
            connection dropped and the server cannot send the rest.
    """
    with _unreadable(uri):
        answer = patiently(uri, lambda: open_from(uri, offset, "", PATIENCE.timeout), PATIENCE)
    if answer.start != offset:
        answer.response.close()
        raise _sends_no_parts(uri)
    again = partial(_rest, uri, answer.facts)
    remote = Remote(uri, answer.facts.length, again, PATIENCE)
    return open_resuming(remote, _connection(answer.response), offset)


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on.

    Raises:
        ValueError: It is not there, or the server sends whole files only.
    """
    return _read(uri, "", offset, length)


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


def check_writable(uri: str) -> None:
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


def _sends_no_parts(uri: str) -> ValueError:
    return ValueError(f"{shown(uri)!r}: the server sends no parts of files: copy it first.")


def _read_only(uri: str) -> ValueError:
    return ValueError(f"{shown(uri)!r} can only be read: give a path or an s3:// address.")


def _facts(uri: str) -> Facts | None:
    with _unreadable(uri):
        return patiently(uri, lambda: facts_of(uri, PATIENCE.timeout), PATIENCE)


def _read(uri: str, version: str, offset: int, length: int) -> bytes:
    """Read bytes of a version; empty: of whichever there is."""
    if not length:
        return b""

    def attempt() -> tuple[bytes | None, Facts]:
        return read_part(uri, offset, length, version, PATIENCE.timeout)

    with _unreadable(uri):
        data, facts = patiently(uri, attempt, PATIENCE)
    if data is None and version and facts.version != version:
        raise ValueError(f"{shown(uri)!r} changed while it was read: start the run again.")
    if data is None:
        raise _sends_no_parts(uri)
    return data


@contextmanager
def _unreadable(uri: str) -> Iterator[None]:
    try:
        yield
    except Failure as failure:
        raise ValueError(f"{shown(uri)!r} cannot be read: {failure}.") from failure


def _connection(response: http.client.HTTPResponse) -> Connection:
    return Connection(partial(receive, response), response.close)


def _rest(uri: str, first: Facts, position: int) -> Connection:
    """Open the file at a byte again, if it is the same file still."""
    try:
        answer = open_from(uri, position, first.version, PATIENCE.timeout)
    except Failure as failure:
        # The file was there a moment ago, so that no refusal is lasting.
        raise Failure(str(failure)) from failure
    same = first.length is None or answer.facts.length in (first.length, None)
    if answer.start != position or not same:
        answer.response.close()
        raise ValueError(
            f"{shown(uri)!r}: the connection dropped after {position:,} bytes, and "
            "the server cannot send the rest of the same file: copy the file first."
        )
    return _connection(answer.response)
