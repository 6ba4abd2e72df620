"""Members of tars and of the tars inside them, found without unpacking anything.

A tar inside a tar is a range of bytes of the outer file, and so are its members: their places are
given in the outer file, where they can be read in any order.
"""

import io
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import IO, Self, cast

from components.pack_images.sections import Section
from components.shared.storage import store
from components.shared.wnids import WNID

TAR = ".tar"
COMPRESSED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
MOST_HEADER_BYTES = 1 << 20
"""Of a long name, or of other facts that stand before a member; tarfile reads them into memory."""
ONE_READ = 1 << 10
"""Of a header, and the end of the padding before it."""
_BEFORE_A_MEMBER = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
CLASS_TAR = re.compile(rf"({WNID})\.tar")


@dataclass(frozen=True, slots=True)
class Member:
    """A file or folder in a tar.

    Attributes:
        name: Its path in the innermost tar, as written there.
        inside: Path of the class tar that holds it; empty: it is in the outer tar itself.
        offset: Its first byte in the outer file.
        size: Its bytes.
        is_folder: Whether it is a folder; a class tar counts as the folder of its members.
    """

    name: str
    inside: str
    offset: int
    size: int
    is_folder: bool


def class_of(tar: str) -> str:
    """The wnid that a class tar is named by, as in `train/n01440764.tar`; empty: it is none."""
    match = CLASS_TAR.fullmatch(tar.rpartition("/")[2])
    return match[1] if match else ""


def stem(tar: str) -> str:
    """The name of a tar without its ending, which names its split."""
    return tar.rpartition("/")[2].removesuffix(TAR)


@dataclass(frozen=True, slots=True)
class Placed:
    """A member, and what can be done at its place.

    Attributes:
        member: The member.
        read: Gives its bytes, until the next member is taken.
        after: Byte of the outer file that the next member begins at; -1: that is in another tar.
    """

    member: Member
    read: Callable[[], bytes]
    after: int


def tar_members(uri: str) -> Iterator[Member]:
    """All files and folders in a tar, and in class tars inside it, as they lie.

    Raises:
        ValueError: A tar is broken, or a member is a link or another special file.
    """
    return (placed.member for placed in read_tar(uri))


def read_tar(uri: str, start: int = 0, end: int = -1, inside: str = "") -> Iterator[Placed]:
    """What `tar_members` gives, read through once, each with its bytes.

    Args:
        uri: The file.
        start: The byte of it that the first member begins at.
        end: The byte behind the tar, where it lies in another; -1: it is the file.
        inside: Path of the class tar that this is, in the tar that the file is; empty: it is that.

    Raises:
        ValueError: A tar is broken, or a member is a link or another special file.
    """
    with _told(uri), store.open_read(uri, start, max(0, end - start)) as stream:
        section = Section(stream, start, end, can_seek=store.local_path(uri) is not None)
        with _told_of_member(inside):
            yield from _members(uri, cast(IO[bytes], section), 0, inside)


def outer_members(uri: str) -> list[Member]:
    """The members of a tar of class tars, none of these opened; none: it is another tar.

    A request for each where the file lies elsewhere, and nothing else of it is read. A tar of
    class tars is one whose first member beside folders is a class tar.

    Raises:
        ValueError: It is broken, or a member is a link or another special file.
    """
    with _told(uri), store.open_seekable(uri) as stream:
        # Where a request is made for each read, one is to bring the header whole.
        is_here = store.local_path(uri) is not None
        buffered = stream if is_here else io.BufferedReader(cast(io.RawIOBase, stream), ONE_READ)
        found: list[Member] = []
        for member in _outer_members(uri, buffered):
            if not member.is_folder and not any(class_of(one.name) for one in found):
                return []
            found.append(member)
    return found if any(class_of(one.name) for one in found) else []


@contextmanager
def _told(uri: str) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        raise ValueError(f"{uri} is no readable tar ({error}): fetch it again.") from error


@contextmanager
def _told_of_member(name: str) -> Iterator[None]:
    try:
        yield
    except tarfile.TarError as error:
        if not name:
            raise
        raise tarfile.ReadError(f"its member {name!r}: {error}") from error


def _members(uri: str, stream: IO[bytes], start: int, inside: str) -> Iterator[Placed]:
    """Yield the members of a tar whose first byte is at `start` of the outer file."""
    with tarfile.open(fileobj=stream, mode="r:", tarinfo=_Header) as tar:
        for info in _infos(tar):
            name, offset = _name(uri, info), start + info.offset_data
            read = partial(_content, uri, inside, tar, info)
            if not inside and info.isfile() and class_of(name):
                yield Placed(Member(name, "", offset, info.size, True), read, -1)
                yield from _nested(uri, tar, info, offset)
            else:
                member = Member(name, inside, offset, info.size, info.isdir())
                yield Placed(member, read, -1 if start else tar.offset)
        _check_end(stream, start, tar.offset)


def _nested(uri: str, tar: tarfile.TarFile, info: tarfile.TarInfo, offset: int) -> Iterator[Placed]:
    name = info.name.removeprefix("./")
    with _told_of_member(name), cast(IO[bytes], tar.extractfile(info)) as section:
        yield from _members(uri, section, offset, name)


def _outer_members(uri: str, stream: IO[bytes]) -> Iterator[Member]:
    with tarfile.open(fileobj=stream, mode="r:", tarinfo=_Header) as tar:
        for info in _infos(tar):
            name = _name(uri, info)
            is_folder = info.isdir() or bool(class_of(name))
            yield Member(name, "", info.offset_data, info.size, is_folder)
        _check_end(stream, 0, tar.offset)


def _content(uri: str, inside: str, tar: tarfile.TarFile, info: tarfile.TarInfo) -> bytes:
    member = cast(IO[bytes], tar.extractfile(info))
    with _told(uri), _told_of_member(inside), member as section:
        return section.read()


class _Header(tarfile.TarInfo):
    """A header whose facts are not read where no tar would have so many."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _BEFORE_A_MEMBER and header.size > MOST_HEADER_BYTES:
            raise tarfile.ReadError(f"a name or header of {header.size:,} bytes")
        return header


def _infos(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    # An empty tar is at its end already; to be asked again, it would look at what lies before it.
    if tar.firstmember is None:  # type: ignore[attr-defined]
        return
    while (member := tar.next()) is not None:
        yield member
        # tarfile remembers every member, a gigabyte for ImageNet's.
        tar.members.clear()  # type: ignore[attr-defined]


def _name(uri: str, info: tarfile.TarInfo) -> str:
    name = info.name.removeprefix("./")
    if not info.isdir() and (not info.isfile() or info.issparse()):
        raise ValueError(f"{uri} has the member {name!r}, which is no plain file: remove it.")
    return name


def _check_end(stream: IO[bytes], start: int, offset: int) -> None:
    # tarfile takes a broken header for the end, and so loses all members behind it in silence.
    stream.seek(offset)
    end = stream.read(tarfile.BLOCKSIZE)
    if len(end) < tarfile.BLOCKSIZE or any(end):
        raise tarfile.ReadError(f"it breaks off at byte {start + offset:,}")
