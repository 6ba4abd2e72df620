"""Files on a disk, objects in an S3 store and files on web servers behind one small interface.

An address is a local path, `s3://bucket/key`, or `http(s)://...`, which is read only. What differs
between them is in `local`, `s3` and `web`, one of which serves each address.
"""

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from components.shared.storage import local, s3, web
from components.shared.storage.atomic import written_aside
from components.shared.storage.backend import Backend, FileState
from components.shared.storage.names import named
from components.shared.storage.passed_over import is_passed_over
from components.shared.storage.patterns import below

BLOCK = 1 << 20
_WEB_ADDRESS = re.compile(r"https?://\S+")


def _backend(uri: str) -> Backend:
    if uri.startswith(s3.SCHEME):
        return s3
    return web if uri.startswith(web.SCHEMES) else local


def size(uri: str) -> int | None:
    """A file's bytes, as its place lists it; None: it is not there, or a server does not say.

    Raises:
        ValueError: The store or server cannot be reached or refuses.
    """
    return next((state.size for state in _backend(uri).states(uri) if state.uri == uri), None)


def is_s3(uri: str) -> bool:
    """Whether the address is an object's."""
    return uri.startswith(s3.SCHEME)


def is_web(uri: str) -> bool:
    """Whether the address is a web server's, of which files can only be read."""
    return uri.startswith(web.SCHEMES)


def is_signed(uri: str) -> bool:
    """Whether the address is a web server's with a query, which may hold a signature."""
    return is_web(uri) and web.shown(uri) != uri


def is_remote(uri: str) -> bool:
    """Whether the address is an object's or a web server's, not a path on this machine."""
    return local_path(uri) is None


def local_path(uri: str) -> Path | None:
    """The path of a file on this machine, there or not; None for one elsewhere."""
    return _backend(uri).local_path(uri)


def reads_per_core(uri: str) -> int:
    """How many reads a core should have under way: more where each is waited for."""
    return _backend(uri).READS_PER_CORE


def shown(uri: str) -> str:
    """The address for messages and records, without what a signed web address keeps secret."""
    return _backend(uri).shown(uri)


def without_secrets(values: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters for records: every signed web address in them as `shown` has it."""
    return {_shown_in(name): _shown_in(value) for name, value in values.items()}


def _shown_in(value: Any) -> Any:
    if isinstance(value, Mapping):
        return without_secrets(value)
    if isinstance(value, list | tuple):
        return [_shown_in(item) for item in value]
    if not isinstance(value, str):
        return value
    return _WEB_ADDRESS.sub(lambda found: web.shown(found.group()), value)


def join(uri: str, name: str) -> str:
    """Address of `name` below the folder or prefix `uri`."""
    return f"{uri.rstrip('/')}/{name}"


def exists(uri: str) -> bool:
    """Whether a file, a folder, an object or a prefix with objects is there.

    Raises:
        ValueError: The store or server cannot be reached or refuses.
    """
    return _backend(uri).exists(uri)


@dataclass(frozen=True)
class Listed:
    """What lies below an address.

    Attributes:
        files: The files to read, sorted by address.
        passed_over: Paths, below the address and as they can be printed, of what is not read:
            hidden files, a system's own, what is no plain file; a folder stands for all in it.
    """

    files: list[FileState]
    passed_over: list[str]


def listed(uri: str) -> Listed:
    """List the files that a file, a folder or a glob pattern stands for, and what is passed over.

    Sizes, ETags and times are those of the listing; no file is opened. A web address stands for
    its one file: web servers list none.

    Raises:
        ValueError: Nothing to read is there, or something cannot be listed.
    """
    # Folders that a pattern matches can lie in one another.
    found = {state.uri: state for state in _backend(uri).states(uri)}
    files = [found[address] for address in sorted(found) if _is_data(uri, found[address])]
    if not files:
        raise _names_no_file(uri)
    others = found.keys() - {state.uri for state in files}
    return Listed(files, sorted(named(below(uri, address)) for address in others))


def _is_data(uri: str, state: FileState) -> bool:
    return state.is_data and not is_passed_over(below(uri, state.uri))


def states(uri: str) -> list[FileState]:
    """The files to read that `listed` gives.

    Raises:
        ValueError: Nothing to read is there, or something cannot be listed.
    """
    return listed(uri).files


def list_files(uri: str) -> list[str]:
    """Addresses of the files that `states` gives.

    Raises:
        ValueError: Nothing is there.
    """
    return [state.uri for state in states(uri)]


def found_files(uri: str) -> Iterator[str]:
    """The files that `list_files` gives, in no order, while they are found; none is no error.

    A large folder is not listed to its end for the first of them.
    """
    return (state.uri for state in _backend(uri).states(uri) if _is_data(uri, state))


def first_file(uri: str) -> str:
    """The first of `found_files`.

    Raises:
        ValueError: Nothing is there.
    """
    first = next(found_files(uri), None)
    if first is None:
        raise _names_no_file(uri)
    return first


def _names_no_file(uri: str) -> ValueError:
    return ValueError(
        f"{shown(uri)!r} names no file: give a file, a folder with files, or a pattern."
    )


def open_read(uri: str, offset: int = 0, length: int = 0) -> AbstractContextManager[IO[bytes]]:
    """Stream the bytes of a file or an object; a local file can be sought in.

    Args:
        uri: Its address.
        offset: The first byte.
        length: How many bytes are read at most, where that is known: no more are asked for, but
            more may come; 0: all that follow.

    Raises:
        ValueError: It is not there; of a web server, also that a dropped connection could not be
            taken up again.
    """
    return _backend(uri).open_read(uri, offset, length)


def open_seekable(uri: str) -> AbstractContextManager[IO[bytes]]:
    """Open a file to be sought in; of a remote one only the bytes asked for are fetched.

    Raises:
        ValueError: It is not there; of a web server, also (while reading) that the file changed.
    """
    return _backend(uri).open_seekable(uri)


def read_range(uri: str, offset: int, length: int) -> bytes:
    """`length` bytes from byte `offset` on.

    Raises:
        ValueError: It is not there; of a web server, also that it sends whole files only.
    """
    return _backend(uri).read_range(uri, offset, length)


@contextmanager
def local_copy(uri: str, scratch: Path | None = None) -> Iterator[Path]:
    """A file for those who need a path: itself, there or not, or a copy while the block lasts.

    Args:
        uri: Its address; the copy has the same last name.
        scratch: Folder for the copy; None: the temporary one.

    Raises:
        ValueError: A remote file is not there.
    """
    if path := local_path(uri):
        yield path
        return
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        copy = Path(folder) / shown(uri).rsplit("/", 1)[-1]
        download(uri, copy)
        yield copy


def download(uri: str, target: Path) -> None:
    """Copy what is at an address to a file; it appears there whole or not at all.

    Raises:
        ValueError: It is not there.
    """
    with open_read(uri) as source, written_aside(target) as aside, aside.open("wb") as file:
        shutil.copyfileobj(source, file, BLOCK)


def upload(file: Path, uri: str) -> None:
    """Copy a file to an address; it appears there whole or not at all.

    Raises:
        ValueError: The address can only be read.
    """
    _backend(uri).upload(file, uri)


def writing(uri: str) -> AbstractContextManager[Path]:
    """A path to write to, whose file takes the address, whole, when the block ends well.

    Raises:
        ValueError: The address can only be read.
    """
    return _backend(uri).writing(uri)


def check_writable(uri: str) -> None:
    """Write, read and delete a small object below an s3:// address; a path is left alone.

    Raises:
        ValueError: The store cannot be reached, has no such bucket, or refuses one of the three;
            the address is a web server's.
    """
    _backend(uri).check_writable(uri)


def delete(uri: str) -> None:
    """Remove a file or an object; nothing happens where there is none.

    Raises:
        ValueError: The address can only be read.
    """
    _backend(uri).delete(uri)


def delete_below(uri: str) -> None:
    """Remove every file below a folder or a prefix; nothing happens where there is none.

    Raises:
        ValueError: The address can only be read.
    """
    _backend(uri).delete_below(uri)
