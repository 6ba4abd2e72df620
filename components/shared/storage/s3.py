"""Objects in an S3 store, `s3://bucket/key`.

Its endpoint and region come from the environment, as every S3 tool reads them: `AWS_ENDPOINT_URL`,
`AWS_REGION`; the credentials as s3_identity has them.
"""

import fnmatch
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast
from urllib.parse import urlsplit

from urllib3 import HTTPResponse

from components.shared.storage.backend import FileState
from components.shared.storage.patterns import before_pattern, is_pattern
from components.shared.storage.s3_identity import Identity, identity, missing, provider

if TYPE_CHECKING:
    from minio import Minio

SCHEME = "s3://"
READS_PER_CORE = 4
"""An object is waited for."""

ENDPOINT = "AWS_ENDPOINT_URL"

_CODE = re.compile(r"<Code>(\w+)</Code>")


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
    bucket, key = _bucket_and_key(uri)
    if not is_pattern(key):
        return _below(uri)
    found = _listed(bucket, before_pattern(key))
    return (state for state in found if fnmatch.fnmatchcase(state.uri, uri))


def size(uri: str) -> int:
    """An object's bytes.

    Raises:
        ValueError: It is not there.
    """
    with _refusals(uri):
        return int(client().stat_object(*_bucket_and_key(uri)).size or 0)


@contextmanager
def open_read(uri: str) -> Iterator[IO[bytes]]:
    """Stream an object from its beginning.

    Raises:
        ValueError: It is not there.
    """
    with _refusals(uri):
        response = cast(HTTPResponse, client().get_object(*_bucket_and_key(uri)))
    response.auto_close = False
    with _released(response):
        yield cast(IO[bytes], response)


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on.

    Raises:
        ValueError: It is not there.
    """
    with _refusals(uri):
        bucket, key = _bucket_and_key(uri)
        response = client().get_object(bucket, key, offset=offset, length=length)
    with _released(cast(HTTPResponse, response)):
        return response.read()


def upload(local: Path, uri: str) -> None:
    """Put a file as an object, whole or not at all."""
    bucket, key = _bucket_and_key(uri)
    with _refusals(uri):
        client().fput_object(bucket, key, str(local))


@contextmanager
def writing(uri: str) -> Iterator[Path]:
    """A temporary path, whose file becomes the object when the block ends well."""
    with tempfile.TemporaryDirectory() as folder:
        aside = Path(folder) / "object"
        yield aside
        upload(aside, uri)


def delete(uri: str) -> None:
    """Remove an object, if it is there."""
    with _refusals(uri):
        client().remove_object(*_bucket_and_key(uri))


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
    return Minio(parts.netloc, secure=secure, region=region, credentials=provider(who))


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
    with _refusals(f"{SCHEME}{bucket}/{prefix}"):
        for item in client().list_objects(bucket, prefix=prefix, recursive=True):
            if not item.is_dir:
                # Some stores list no ETag.
                mark = item.etag or str(item.last_modified)
                yield FileState(f"{SCHEME}{bucket}/{item.object_name}", item.size, mark)


@contextmanager
def _refusals(uri: str) -> Iterator[None]:
    """Word what the store refuses as a sentence."""
    from minio.error import MinioException

    try:
        yield
    except MinioException as error:
        raise ValueError(
            f"{uri!r}: the object store answers {_code(error)}; check the address and the "
            "credentials."
        ) from error


def _code(error: Exception) -> str:
    # minio takes text/xml, which some stores send, for no XML, and quotes all of it.
    found = _CODE.search(str(error))
    return getattr(error, "code", "") or (found[1] if found else type(error).__name__)


@contextmanager
def _released(response: HTTPResponse) -> Iterator[None]:
    try:
        yield
    finally:
        response.close()
        response.release_conn()
