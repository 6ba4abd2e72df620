"""Files on a disk, objects in an S3 store and files on web servers behind one small interface.

An address is a local path, `s3://bucket/key`, or `http(s)://...`, which is read only. The S3
endpoint and its credentials come from the environment, as every S3 tool reads them:
`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_REGION`.
"""

import fnmatch
import glob
import os
import re
import shutil
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from urllib3 import HTTPResponse

from components.shared.storage import web

if TYPE_CHECKING:
    from minio import Minio

S3_SCHEME = "s3://"
PATTERN_CHARACTERS = "*?["
_WEB_ADDRESS = re.compile(r"https?://\S+")


def is_s3(uri: str) -> bool:
    """Whether the address is an object's, not a file's."""
    return uri.startswith(S3_SCHEME)


def is_http(uri: str) -> bool:
    """Whether the address is that of a file on a web server."""
    return uri.startswith(web.SCHEMES)


def is_remote(uri: str) -> bool:
    """Whether the address is an object's or a web server's, not a local path."""
    return is_s3(uri) or is_http(uri)


def shown(uri: str) -> str:
    """The address for messages and records, without what a signed web address keeps secret."""
    return web.shown(uri) if is_http(uri) else uri


def without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters for records: every signed web address in them as `shown` has it."""
    return {name: _shown_in(value) for name, value in values.items()}


def _shown_in(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_shown_in(item) for item in value]
    if not isinstance(value, str):
        return value
    return _WEB_ADDRESS.sub(lambda found: web.shown(found.group()), value)


def join(uri: str, name: str) -> str:
    """Address of `name` below the folder or prefix `uri`."""
    return f"{uri.rstrip('/')}/{name}"


def _bucket_and_key(uri: str) -> tuple[str, str]:
    bucket, _, key = uri.removeprefix(S3_SCHEME).partition("/")
    if not bucket:
        raise ValueError(f"{uri!r} names no bucket: write s3://bucket/key.")
    return bucket, key


@cache
def _client(endpoint: str, access_key: str, secret_key: str, region: str) -> "Minio":
    from minio import Minio

    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ValueError(
            f"AWS_ENDPOINT_URL is {endpoint!r}: write http://host:port or https://host."
        )
    secure = parts.scheme == "https"
    return Minio(parts.netloc, access_key, secret_key, secure=secure, region=region)


def s3_client() -> "Minio":
    """Client for the store that the environment names.

    Raises:
        ValueError: the endpoint or a credential is not set.
    """
    names = ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    missing = [name for name in names if not os.environ.get(name)]
    if missing:
        raise ValueError(f"An s3:// address needs {' and '.join(missing)} in the environment.")
    endpoint, access_key, secret_key = (os.environ[name] for name in names)
    return _client(endpoint, access_key, secret_key, os.environ.get("AWS_REGION", "us-east-1"))


def exists(uri: str) -> bool:
    """Whether a file, a folder, an object or a prefix with objects is there."""
    if is_http(uri):
        return web.facts(uri) is not None
    if not is_s3(uri):
        return Path(uri).exists()
    bucket, key = _bucket_and_key(uri)
    objects = s3_client().list_objects(bucket, prefix=key, recursive=True)
    below = key if key.endswith("/") or not key else f"{key}/"
    return any(item.object_name == key or item.object_name.startswith(below) for item in objects)


def list_files(uri: str) -> list[str]:
    """Addresses of the files that a file, a folder or a glob pattern stands for, sorted.

    A web address stands for its one file: web servers list none.

    Raises:
        ValueError: nothing is there.
    """
    if is_http(uri):
        if not exists(uri):
            raise ValueError(f"{shown(uri)!r} names no file: check the address.")
        return [uri]
    found = _list_objects(uri) if is_s3(uri) else _list_local(uri)
    if not found:
        raise ValueError(f"{uri!r} names no file: give a file, a folder with files, or a pattern.")
    return sorted(found)


def first_file(uri: str) -> str:
    """One of the files that `list_files` gives, found without listing a large folder.

    Raises:
        ValueError: nothing is there.
    """
    if not is_remote(uri) and Path(uri).is_dir():
        found = next((file for file in Path(uri).rglob("*") if file.is_file()), None)
        if found:
            return str(found)
    return list_files(uri)[0]


def _is_pattern(uri: str) -> bool:
    return any(character in uri for character in PATTERN_CHARACTERS)


def _list_local(uri: str) -> list[str]:
    path = Path(uri)
    if path.is_dir():
        return [str(file) for file in path.rglob("*") if file.is_file()]
    if path.is_file():
        return [uri]
    matches = (Path(match) for match in glob.glob(uri, recursive=True))
    return [str(file) for match in matches for file in _files_of(match)]


def _files_of(path: Path) -> Iterator[Path]:
    return (file for file in path.rglob("*") if file.is_file()) if path.is_dir() else iter((path,))


def _list_objects(uri: str) -> list[str]:
    bucket, key = _bucket_and_key(uri)
    prefix = key
    if _is_pattern(key):
        prefix = key[: min(key.index(c) for c in PATTERN_CHARACTERS if c in key)]
    names = (
        item.object_name
        for item in s3_client().list_objects(bucket, prefix=prefix, recursive=True)
        if not item.is_dir
    )
    below = key if key.endswith("/") or not key else f"{key}/"
    wanted = (
        (name for name in names if fnmatch.fnmatch(name, key))
        if _is_pattern(key)
        else (name for name in names if name == key or name.startswith(below))
    )
    return [f"{S3_SCHEME}{bucket}/{name}" for name in wanted]


@contextmanager
def open_read(uri: str) -> Iterator[IO[bytes]]:
    """Stream the bytes of a file or an object; a local file can be sought in.

    Raises:
        ValueError: it is not there; of a web server, also that a dropped connection could not be
            taken up again.
    """
    if is_remote(uri):
        with _open_object(uri) if is_s3(uri) else web.open_stream(uri) as stream:
            yield stream
        return
    if not Path(uri).is_file():
        raise ValueError(f"{uri!r} is no file: check the path.")
    with open(uri, "rb") as stream:
        yield stream


@contextmanager
def _open_object(uri: str) -> Iterator[IO[bytes]]:
    from minio.error import MinioException

    bucket, key = _bucket_and_key(uri)
    try:
        response = cast(HTTPResponse, s3_client().get_object(bucket, key))
    except MinioException as error:
        reason = getattr(error, "code", "the server refused it")
        raise ValueError(f"{uri!r} cannot be read: {reason}.") from error
    response.auto_close = False
    try:
        yield cast(IO[bytes], response)
    finally:
        response.close()
        response.release_conn()


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on."""
    if is_http(uri):
        return web.read_range(uri, offset, length)
    if not is_s3(uri):
        with open(uri, "rb") as stream:
            stream.seek(offset)
            return stream.read(length)
    bucket, key = _bucket_and_key(uri)
    response = s3_client().get_object(bucket, key, offset=offset, length=length)
    try:
        return response.read()
    finally:
        response.close()
        response.release_conn()


def upload(local: Path, uri: str) -> None:
    """Copy a file to an address; it appears there whole or not at all."""
    _refuse_to_write(uri)
    if is_s3(uri):
        bucket, key = _bucket_and_key(uri)
        s3_client().fput_object(bucket, key, str(local))
        return
    target = Path(uri)
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f".{target.name}.{uuid.uuid4().hex}")
    shutil.copyfile(local, aside)
    aside.replace(target)


def download(uri: str, local: Path) -> None:
    """Copy what is at an address to a file; it appears there whole or not at all."""
    local.parent.mkdir(parents=True, exist_ok=True)
    aside = local.with_name(f".{local.name}.{uuid.uuid4().hex}")
    try:
        with open_read(uri) as source, aside.open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
        aside.replace(local)
    finally:
        aside.unlink(missing_ok=True)


def delete(uri: str) -> None:
    """Remove a file or an object; nothing happens where there is none."""
    _refuse_to_write(uri)
    if is_s3(uri):
        s3_client().remove_object(*_bucket_and_key(uri))
    else:
        Path(uri).unlink(missing_ok=True)


def _refuse_to_write(uri: str) -> None:
    if is_http(uri):
        raise ValueError(f"{shown(uri)!r} can only be read: give a path or an s3:// address.")


def state_of(uri: str) -> str:
    """Size and time of a file, or an object's ETag: changes when the content does."""
    if is_http(uri):
        return str(web.facts(uri))
    if is_s3(uri):
        return str(s3_client().stat_object(*_bucket_and_key(uri)).etag)
    stat = Path(uri).stat()
    return f"{stat.st_size}-{stat.st_mtime_ns}"
