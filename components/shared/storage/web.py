"""Reads files from web servers, over connections that may drop.

Addresses carry no credentials: one that does is refused, and messages leave out what stands behind
`?`, where signed addresses hold their signature. Proxies come from the environment (`http_proxy`,
`https_proxy`, `no_proxy`).
"""

import http.client
import io
import time
from dataclasses import dataclass
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

SCHEMES = ("http://", "https://")
TIMEOUT = 60.0
SECONDS_BEFORE_TRIES = (0.0, 1.0, 4.0, 16.0, 60.0)
"""Waits before each new try after a dropped connection; whatever arrives starts them anew."""
BUFFER = 1 << 18

GONE = (404, 410)
NO_HEAD = (403, 405, 501)
"""What servers answer that do not know HEAD, or have addresses signed for GET only."""

_DROPPED = (http.client.HTTPException, OSError)


@dataclass(frozen=True)
class Facts:
    """What a server says of a file.

    Attributes:
        length: its bytes; None where the server does not say.
        etag: its entity tag, or "".
        modified: its time of modification as the server writes it, or "".
    """

    length: int | None
    etag: str
    modified: str

    @property
    def validator(self) -> str:
        """What `If-Range` takes: a weak entity tag does not promise the same bytes."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


def shown(uri: str) -> str:
    """The address for messages and records: no user, no password, nothing behind `?`."""
    parts = urlsplit(uri)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def facts(uri: str) -> Facts | None:
    """What the server says of a file; None where there is none.

    Raises:
        ValueError: the server cannot be reached or refuses.
    """
    answer = _try_to_open(Request(uri, method="HEAD"), (*GONE, *NO_HEAD))
    if isinstance(answer, int) and answer in NO_HEAD:
        answer = _try_to_open(Request(uri), GONE)
    if isinstance(answer, int):
        return None
    with answer:
        return _facts(answer)


def open_stream(uri: str) -> IO[bytes]:
    """Stream a file from its beginning; a dropped connection is taken up where it broke off.

    Raises:
        ValueError: it is not there, or (while reading) the connection dropped and the server
            cannot send the rest.
    """
    response = _open(Request(uri))
    return io.BufferedReader(_ResumingReader(uri, response), BUFFER)


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on.

    Raises:
        ValueError: it is not there, or the server sends whole files only.
    """
    span = {"Range": f"bytes={offset}-{offset + length - 1}"}
    with _open(Request(uri, headers=span)) as response:
        if response.status != http.client.PARTIAL_CONTENT:
            raise ValueError(f"{shown(uri)!r}: the server sends no parts of files: copy it first.")
        try:
            return response.read()
        except _DROPPED as error:
            raise ValueError(f"{shown(uri)!r}: the connection dropped ({error}).") from error


class _ResumingReader(io.RawIOBase):
    """The bytes of one file over as many connections as it takes."""

    def __init__(self, uri: str, response: http.client.HTTPResponse) -> None:
        self.uri, self.response = uri, response
        self.facts = _facts(response)
        self.position = 0
        self.waits = iter(SECONDS_BEFORE_TRIES)
        self.cause: Exception | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        """Fill the buffer; less only at the end of the file."""
        # A slice of a bytearray would be a copy.
        view, filled = memoryview(buffer), 0
        while filled < len(view) and self.position != self.facts.length:
            received = self._receive(view[filled:])
            filled += received
            if received:
                self.waits = iter(SECONDS_BEFORE_TRIES)
            elif self.facts.length is None and self.cause is None:
                break
            else:
                self._reconnect()
        return filled

    def close(self) -> None:
        self.response.close()
        super().close()

    def _receive(self, buffer: memoryview) -> int:
        self.cause = None
        try:
            received = self.response.readinto(buffer)
        except _DROPPED as error:
            self.cause = error
            return 0
        self.position += received
        return received

    def _reconnect(self) -> None:
        self.response.close()
        for seconds in self.waits:
            time.sleep(seconds)
            try:
                self.response = self._rest()
                return
            except _DROPPED as error:
                _close_refusal(error)
                self.cause = error
        raise ValueError(
            f"{shown(self.uri)!r}: the connection dropped after {self.position:,} bytes and could "
            f"not be made again ({_reason(self.cause)}): try later, or copy the file first."
        ) from self.cause

    def _rest(self) -> http.client.HTTPResponse:
        headers = {"Range": f"bytes={self.position}-"}
        if self.facts.validator:
            headers["If-Range"] = self.facts.validator
        response = _urlopen(Request(self.uri, headers=headers))
        if not _continues(response, self.position, self.facts.length):
            response.close()
            raise ValueError(
                f"{shown(self.uri)!r}: the connection dropped after {self.position:,} bytes, and "
                "the server cannot send the rest of the same file: copy the file first."
            )
        return response


def _continues(response: http.client.HTTPResponse, position: int, length: int | None) -> bool:
    span, _, total = (response.headers["Content-Range"] or "").partition("/")
    same = length is None or total in (str(length), "*")
    partial = response.status == http.client.PARTIAL_CONTENT
    return partial and same and span.startswith(f"bytes {position}-")


def _facts(response: http.client.HTTPResponse) -> Facts:
    headers = response.headers
    length = headers["Content-Length"]
    return Facts(
        int(length) if length else None, headers["ETag"] or "", headers["Last-Modified"] or ""
    )


def _open(request: Request) -> http.client.HTTPResponse:
    answer = _try_to_open(request, ())
    assert not isinstance(answer, int)
    return answer


def _try_to_open(request: Request, expected: tuple[int, ...]) -> http.client.HTTPResponse | int:
    """The response, or the status where it is one of the `expected` refusals."""
    try:
        return _urlopen(request)
    except _DROPPED as error:
        _close_refusal(error)
        if isinstance(error, HTTPError) and error.code in expected:
            return error.code
        raise ValueError(
            f"{shown(request.full_url)!r} cannot be read: {_reason(error)}."
        ) from error


def _close_refusal(error: Exception) -> None:
    # A refusal is a response too, with its own connection.
    if isinstance(error, HTTPError):
        error.close()


def _urlopen(request: Request) -> http.client.HTTPResponse:
    if "@" in urlsplit(request.full_url).netloc:
        raise ValueError(
            f"{shown(request.full_url)!r} is given with a user or password: addresses are recorded "
            "with the run, so take it out, or put the file on a disk or into object storage."
        )
    request.add_header("User-Agent", "devise-on-kubeflow")
    # Packed on the way, lengths and ranges would be those of the packed bytes.
    request.add_header("Accept-Encoding", "identity")
    response: http.client.HTTPResponse = urlopen(request, timeout=TIMEOUT)
    return response


def _reason(error: Exception | None) -> str:
    if isinstance(error, HTTPError):
        return f"the server answers {error.code} {error.reason}"
    reason = error.reason if isinstance(error, URLError) else error
    return f"no answer from the server, {reason}" if reason else "the rest did not come"
