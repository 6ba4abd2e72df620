"""Objects in an S3 store, `s3://bucket/key`.

Its endpoint and region come from the environment, as every S3 tool reads them: `AWS_ENDPOINT_URL`,
`AWS_REGION`; the credentials as s3_identity has them.
"""

import fnmatch
import io
import os
import socket
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

import certifi
from urllib3 import HTTPResponse, PoolManager, Retry, Timeout
from urllib3.exceptions import HTTPError

from components.shared.storage.backend import FileState
from components.shared.storage.http_requests import (
    DEFAULT_PATIENCE,
    Failure,
    Patience,
    patiently,
)
from components.shared.storage.patterns import before_pattern, is_pattern
from components.shared.storage.ranged import open_ranged
from components.shared.storage.resuming import Connection, Remote, open_resuming
from components.shared.storage.s3_failures import no_answer, refusal
from components.shared.storage.s3_identity import Identity, identity, missing, provider

if TYPE_CHECKING:
    from minio import Minio

SCHEME = "s3://"
READS_PER_CORE = 4
"""An object is waited for."""

ENDPOINT = "AWS_ENDPOINT_URL"
PATIENCE = DEFAULT_PATIENCE
FEW_TRIES = Patience(attempts=4, first_wait=0.2)
CONNECT_SECONDS = 5.0
CHANGED = 412
PROBE = b"Written to see whether this bucket can be written to."

T = TypeVar("T")


def shown(uri: str) -> str:
    """The address as it is: credentials are in the environment."""
    return uri


def local_path(uri: str) -> Path | None:  # noqa: ARG001  # As every place has it.
    """None: objects lie elsewhere."""
    return None


def exists(uri: str) -> bool:
    """Whether an object, or a prefix with objects, is there."""
    return any(True for _ in _below(uri))


def states(uri: str) -> Iterator[FileState]:
    """The objects that a key, a prefix or a pattern stands for, as one listing gives them."""
    # What is there by that name is no pattern, whatever characters it has.
    there = _below(uri)
    first = next(there, None)
    if first:
        yield from chain([first], there)
        return
    bucket, key = _bucket_and_key(uri)
    if is_pattern(key):
        found = _listed(bucket, before_pattern(key))
        yield from (state for state in found if fnmatch.fnmatchcase(state.uri, uri))


def size(uri: str) -> int:
    """An object's bytes.

    Raises:
        ValueError: It is not there.
    """
    bucket, key = _bucket_and_key(uri)
    return int(_answer(uri, lambda: client().stat_object(bucket, key)).size or 0)


def open_read(uri: str, offset: int = 0, length: int = 0) -> AbstractContextManager[IO[bytes]]:
    """Stream an object from a byte on; a dropped connection is taken up where it broke off.

    Raises:
        ValueError: It is not there, or (while reading) the connection dropped and could not be made
            again, or the object changed.
    """
    return _resuming(uri, _answer(uri, lambda: _get(uri, offset, length)), offset)


def open_seekable(uri: str) -> AbstractContextManager[IO[bytes]]:
    """Open an object to be sought in; each read fetches what it is asked for.

    Raises:
        ValueError: It is not there.
    """
    return open_ranged(size(uri), partial(read_range, uri))


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on, over as many connections as it takes.

    Raises:
        ValueError: It is not there, or ends before byte `offset`.
    """
    if not length:
        return b""
    with _resuming(uri, _answer(uri, lambda: _get(uri, offset, length)), offset) as stream:
        return stream.read()


def upload(local: Path, uri: str) -> None:
    """Put a file as an object, whole or not at all."""
    bucket, key = _bucket_and_key(uri)
    _answer(uri, lambda: client().fput_object(bucket, key, str(local)))


@contextmanager
def writing(uri: str) -> Iterator[Path]:
    """A temporary path, whose file becomes the object when the block ends well."""
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder) / "object"
        yield aside
        upload(aside, uri)


def delete(uri: str) -> None:
    """Remove an object, if it is there."""
    bucket, key = _bucket_and_key(uri)
    _answer(uri, lambda: client().remove_object(bucket, key))


def check_writable(uri: str) -> None:
    """Write, read and delete a small object below an address.

    Raises:
        ValueError: The store cannot be reached, has no such bucket, or refuses one of the three.
    """
    bucket, key = _bucket_and_key(f"{uri.rstrip('/')}/.writable-{uuid.uuid4().hex}")
    store = client()
    _check_reachable(uri)

    def look() -> None:
        store.put_object(bucket, key, io.BytesIO(PROBE), len(PROBE))
        with closing(store.get_object(bucket, key)) as response:
            response.read()
            response.release_conn()
        store.remove_object(bucket, key)

    _answer(uri, look, FEW_TRIES)


def _check_reachable(uri: str) -> None:
    """Connect once, without the waits of a request that may go better later."""
    parts = urlsplit(os.environ[ENDPOINT])
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), CONNECT_SECONDS).close()
    except OSError as error:
        raise ValueError(
            f"{uri!r}: the object store at {os.environ[ENDPOINT]} cannot be reached "
            f"({error.strerror or error}): start it, or correct {ENDPOINT}."
        ) from error


def delete_below(uri: str) -> None:
    """Remove every object below a prefix."""
    for state in list(_below(f"{uri.rstrip('/')}/")):
        delete(state.uri)


def client() -> "Minio":
    """Client for the store that the environment names.

    Raises:
        ValueError: The endpoint or a credential is not set.
    """
    endpoint = os.environ.get(ENDPOINT, "")
    unset = [*([] if endpoint else [ENDPOINT]), *missing()]
    if unset:
        raise ValueError(f"An s3:// address needs {' and '.join(unset)} in the environment.")
    return _client(endpoint, os.environ.get("AWS_REGION") or "us-east-1", identity())


@cache
def _client(endpoint: str, region: str, who: Identity) -> "Minio":
    from minio import Minio

    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(f"{ENDPOINT} is {endpoint!r}: write http://host:port or https://host.")
    secure = parts.scheme == "https"
    return Minio(
        parts.netloc,
        secure=secure,
        region=region,
        credentials=provider(who),
        http_client=_connections(),
    )


def _connections() -> PoolManager:
    """What minio would make, but that it waits minutes for a server and never repeats a POST."""
    return PoolManager(
        timeout=Timeout(connect=CONNECT_SECONDS, read=PATIENCE.timeout),
        maxsize=10,
        cert_reqs="CERT_REQUIRED",
        ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        # `other`: what a server of another scheme answers does not change at once.
        retries=Retry(
            total=5,
            other=0,
            backoff_factor=0.2,
            status_forcelist=[500, 502, 503, 504],
            allowed_methods=None,
        ),
    )


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix(SCHEME).partition("/")
    if not bucket:
        raise ValueError(f"{uri!r} names no bucket: write s3://bucket/key.")
    return bucket, key


def _below(uri: str) -> Iterator[FileState]:
    """Yield the object itself, and those below it as a folder; not `data-old` for `data`."""
    folder = uri if uri.endswith("/") else f"{uri}/"
    found = _listed(*_bucket_and_key(uri))
    return (state for state in found if state.uri == uri or state.uri.startswith(folder))


def _listed(bucket: str, prefix: str) -> Iterator[FileState]:
    for item in _answer_items(bucket, prefix):
        if not item.is_dir:
            # Some stores list no ETag.
            mark = item.etag or str(item.last_modified)
            yield FileState(f"{SCHEME}{bucket}/{item.object_name}", item.size, mark)


def _answer_items(bucket: str, prefix: str) -> Iterator[Any]:
    """Yield what a listing has, page by page; one that breaks off goes on behind its last item."""
    last: str | None = None
    items: Iterator[Any] | None = None

    def following() -> Any:
        nonlocal items
        items = items or client().list_objects(bucket, prefix, recursive=True, start_after=last)
        try:
            return next(items, None)
        except Exception:
            items = None
            raise

    while item := _answer(f"{SCHEME}{bucket}/{prefix}", following):
        last = item.object_name
        yield item


def _get(uri: str, offset: int, length: int = 0, etag: str = "") -> HTTPResponse:
    """Open an object from a byte on: so many bytes, or all; of this version alone."""
    bucket, key = _bucket_and_key(uri)
    wanted: dict[str, str | list[str] | tuple[str]] | None = {"If-Match": etag} if etag else None
    response = client().get_object(bucket, key, offset, length, wanted)
    return cast(HTTPResponse, response)


def _resuming(uri: str, response: HTTPResponse, start: int) -> AbstractContextManager[IO[bytes]]:
    etag, length = response.headers.get("ETag", ""), response.headers.get("Content-Length")
    end = start + int(length) if length else None

    def again(position: int) -> Connection:
        length = end - position if end else 0
        try:
            rest = _once(lambda: _get(uri, position, length, etag))
        except Failure as failure:
            raise (_changed(uri) if failure.status == CHANGED else failure) from failure
        # Not every store heeds If-Match.
        if rest.headers.get("ETag", "") != etag:
            raise _changed(uri)
        return _connection(rest)

    return open_resuming(Remote(uri, end, again, PATIENCE), _connection(response), start)


def _changed(uri: str) -> ValueError:
    return ValueError(f"{uri!r} changed while it was read: start the run again.")


def _connection(response: HTTPResponse) -> Connection:
    def close() -> None:
        response.close()
        response.release_conn()

    return Connection(lambda most: _once(lambda: response.read1(most, decode_content=False)), close)


def _answer(uri: str, ask: Callable[[], T], patience: Patience = PATIENCE) -> T:
    """Ask the store, again while it fails as what passes does; word a refusal as a sentence."""
    try:
        return patiently(uri, lambda: _once(ask), patience)
    except Failure as failure:
        raise ValueError(f"{uri!r}: {failure}.") from failure


def _once(ask: Callable[[], T]) -> T:
    """Ask the store.

    Raises:
        Failure: It refuses, does not answer, or breaks off.
    """
    from minio.error import MinioException

    try:
        return ask()
    except MinioException as error:
        raise refusal(error) from error
    except HTTPError as error:
        raise no_answer(error, os.environ.get(ENDPOINT, "")) from error
