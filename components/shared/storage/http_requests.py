"""Requests to web servers: what they answer, and how a file is gone on with from some byte.

Addresses carry no credentials: one that does is refused, and messages leave out what stands behind
`?`, where signed addresses hold their signature. Proxies come from the environment (`http_proxy`,
`https_proxy`, `no_proxy`).
"""

import http.client
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit, urlunsplit
from urllib.request import Request, urlopen

from components.shared.execution.progress import say

T = TypeVar("T")

SCHEMES = ("http://", "https://")
AGENT = "devise-on-kubeflow/1.0 (research; Python urllib)"

GONE = (404, 410)
NO_HEAD = (403, 405, 501)
"""What servers answer that do not know HEAD, or have addresses signed for GET only."""
PASSING_REFUSALS = (408, 425, 429)

_ANOTHER_PART = "the server sends another part than was asked for"
_BROKEN = (http.client.HTTPException, OSError)
_BLANK = re.compile(r"[\x00-\x20\x7f]")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")


class Failure(Exception):
    """A server refuses, does not answer, or breaks off; the text is the reason, as a clause.

    Attributes:
        status: What it refuses with; 0: it is no refusal.
    """

    def __init__(self, reason: str, status: int = 0) -> None:
        """Keep the reason and the status."""
        super().__init__(reason)
        self.status = status

    @property
    def is_lasting(self) -> bool:
        """Whether the server would answer the same again."""
        return 400 <= self.status < 500 and self.status not in PASSING_REFUSALS


@dataclass(frozen=True)
class Patience:
    """How long a server that fails is tried again.

    Attributes:
        attempts: Tries without a new byte before it is given up.
        first_wait: Seconds before the second try; doubled each time, to a minute at most.
        timeout: Seconds without a byte after which a connection counts as dropped.
    """

    attempts: int = 8
    first_wait: float = 1.0
    timeout: float = 60.0

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        return float(min(60.0, self.first_wait * 2 ** (failures - 1)))


DEFAULT_PATIENCE = Patience()
TWO_TRIES = Patience(attempts=2, first_wait=0.2)
_impatient: ContextVar[bool] = ContextVar("impatient", default=False)


@contextmanager
def impatient() -> Iterator[None]:
    """Have an answer from every server within seconds, be it that there is none."""
    before = _impatient.set(True)
    try:
        yield
    finally:
        _impatient.reset(before)


@dataclass(frozen=True)
class Facts:
    """What a server says of a file.

    Attributes:
        length: Its bytes; None where the server does not say.
        etag: Its entity tag, or "".
        modified: Its time of modification as the server writes it, or "".
    """

    length: int | None
    etag: str
    modified: str

    @property
    def version(self) -> str:
        """What `If-Range` takes: a weak entity tag does not promise the same bytes."""
        return self.etag if self.etag and not self.etag.startswith("W/") else self.modified


@dataclass(frozen=True)
class Answer:
    """A file, or the rest of it, as a server sends it.

    Attributes:
        response: The bytes; to be closed.
        start: The first of them; 0 where the server sends the whole file.
        facts: Of the whole file.
    """

    response: http.client.HTTPResponse
    start: int
    facts: Facts


def shown(uri: str) -> str:
    """The address for messages and records: no user, no password, nothing behind `?`."""
    parts = urlsplit(uri)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def facts_of(uri: str, timeout: float = DEFAULT_PATIENCE.timeout) -> Facts | None:
    """What the server says of a file; None where there is none.

    Raises:
        Failure: It cannot be reached or refuses.
    """
    try:
        return _head(uri, timeout)
    except Failure as failure:
        if failure.status in GONE:
            return None
        raise


def _head(uri: str, timeout: float) -> Facts:
    try:
        with ask(uri, timeout, method="HEAD") as response:
            return _facts(response)
    except Failure as failure:
        if failure.status not in NO_HEAD:
            raise
    with ask(uri, timeout) as response:
        return _facts(response)


def open_from(uri: str, offset: int, version: str, timeout: float) -> Answer:
    """Ask for a file from a byte on; a server may send all of it, and does of another version.

    Args:
        uri: Its address.
        offset: The first byte that is wanted.
        version: Of which there are bytes already; empty: that is not known, or there are none.
        timeout: Seconds without an answer after which it counts as none.

    Raises:
        Failure: There is no answer, a refusal, or another part.
    """
    headers = {"Range": f"bytes={offset}-"} if offset else {}
    if offset and version:
        headers["If-Range"] = version
    response = ask(uri, timeout, headers)
    facts = _facts(response)
    if response.status != http.client.PARTIAL_CONTENT:
        return Answer(response, 0, facts)
    start, _, total = _part_of(response)
    if start != offset:
        response.close()
        raise Failure(_ANOTHER_PART)
    return Answer(response, offset, Facts(total, facts.etag, facts.modified))


def read_part(
    uri: str, offset: int, length: int, version: str, timeout: float
) -> tuple[bytes | None, Facts]:
    """Read a part of a file; None: the server sends all of it, as it does of another version.

    Args:
        uri: Its address.
        offset: The first byte.
        length: How many bytes; there are less only at the end of the file.
        version: Of which there are bytes already; empty: that is not known, or there are none.
        timeout: Seconds without an answer after which it counts as none.

    Raises:
        Failure: There is no answer, a refusal, or another part.
    """
    headers = {"Range": f"bytes={offset}-{offset + length - 1}"}
    if version:
        headers["If-Range"] = version
    with ask(uri, timeout, headers) as response:
        if response.status != http.client.PARTIAL_CONTENT:
            return None, _facts(response)
        start, end, total = _part_of(response)
        data = read_all(response)
        if start != offset or end - start != len(data) or end not in (offset + length, total):
            raise Failure(_ANOTHER_PART)
        return data, _facts(response)


def _part_of(response: http.client.HTTPResponse) -> tuple[int, int, int | None]:
    """Return the first byte of a part, the byte behind it, and the whole file's bytes."""
    found = _CONTENT_RANGE.fullmatch(response.headers["Content-Range"] or "")
    if not found:
        response.close()
        raise Failure(_ANOTHER_PART)
    return int(found[1]), int(found[2]) + 1, None if found[3] == "*" else int(found[3])


def ask(
    uri: str, timeout: float, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> http.client.HTTPResponse:
    """Send a request.

    Raises:
        ValueError: The address carries a user or a password, or a blank.
        Failure: There is no answer, or a refusal.
    """
    _check_address(uri)
    # Packed on the way, lengths and ranges would be those of the packed bytes.
    always = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
    request = Request(uri, headers={**always, **(headers or {})}, method=method)
    try:
        response: http.client.HTTPResponse = urlopen(request, timeout=timeout)
    except HTTPError as error:
        # A refusal is a response too, with its own connection.
        error.close()
        raise Failure(f"the server answers {error.code} {error.reason}", error.code) from error
    except _BROKEN as error:
        raise _failure("no answer from the server", error) from error
    return response


def receive(response: http.client.HTTPResponse, most: int) -> bytes:
    """Return what has arrived; no bytes: nothing will any more.

    Raises:
        Failure: The connection broke off.
    """
    try:
        return response.read1(most)
    except _BROKEN as error:
        raise _failure("the connection dropped", error) from error


def read_all(response: http.client.HTTPResponse) -> bytes:
    """Return all bytes of a response.

    Raises:
        Failure: The connection broke off.
    """
    try:
        return response.read()
    except _BROKEN as error:
        raise _failure("the connection dropped", error) from error


def patiently(
    uri: str,
    attempt: Callable[[], T],
    patience: Patience,
    arrived: Callable[[], int] = lambda: 0,
) -> T:
    """Do what a failing server may make fail, again and again.

    Args:
        uri: What it is done with, for what is told.
        attempt: What is done.
        patience: How often, and after which waits.
        arrived: Bytes there are so far: what an attempt adds starts the tries anew.

    Raises:
        Failure: A lasting one, or the last attempt's.
    """
    failures = 0
    patience = TWO_TRIES if _impatient.get() else patience
    while True:
        before = arrived()
        try:
            return attempt()
        except Failure as failure:
            failures = 1 if arrived() > before else failures + 1
            if failure.is_lasting or failures >= patience.attempts:
                raise
            seconds = patience.wait(failures)
            say(f"{shown(uri)}: {failure}; again in {seconds:g} s")
            time.sleep(seconds)


def _check_address(uri: str) -> None:
    if "@" in urlsplit(uri).netloc:
        raise ValueError(
            f"{shown(uri)!r} is given with a user or password: addresses are recorded with the "
            "run, so take it out, or put the file on a disk or into object storage."
        )
    # urllib's own refusal would quote what stands behind `?`.
    if _BLANK.search(uri):
        raise ValueError(f"{shown(uri)!r} has a blank or a control character: write it as %20.")


def _facts(response: http.client.HTTPResponse) -> Facts:
    headers = response.headers
    length = headers["Content-Length"]
    return Facts(
        int(length) if length else None, headers["ETag"] or "", headers["Last-Modified"] or ""
    )


def _failure(what: str, error: Exception) -> Failure:
    reason = error.reason if isinstance(error, URLError) else error
    return Failure(f"{what}, {str(reason) or type(error).__name__}")
