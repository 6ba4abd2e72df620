"""Members of tars and of the tars inside them, found without unpacking anything.

A tar inside a tar is a range of bytes of the outer file, and so are its members: their places are
given in the outer file, where they can be read in any order.
"""

import re
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Literal, Self, cast

from components.shared.execution.progress import Progress
from components.shared.storage import store

TAR = ".tar"
COMPRESSED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
_NO_LIMIT = sys.maxsize
MOST_HEADER_BYTES = 1 << 20
"""Of a long name, or of other facts that stand before a member; tarfile reads them into memory."""
_BEFORE_A_MEMBER = (
    *(tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK),
    *(tarfile.XHDTYPE, tarfile.XGLTYPE, tarfile.SOLARIS_XHDTYPE),
)
CLASS_TAR = re.compile(r"(n\d{8})\.tar")


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


def tar_members(uri: str) -> Iterator[Member]:
    """All files and folders in a tar, and in class tars inside it, as they lie.

    Raises:
        ValueError: A tar is broken, or a member is a link or another special file.
    """
    progress = Progress(f"listing {uri.rpartition('/')[2]}", 0, "members")
    try:
        with store.open_read(uri) as stream:
            for count, member in enumerate(_members(uri, stream, 0, _NO_LIMIT, ""), 1):
                yield member
                progress.update(count)
    except tarfile.TarError as error:
        raise ValueError(f"{uri} is no readable tar ({error}): fetch it again.") from error


def _members(uri: str, stream: IO[bytes], start: int, end: int, inside: str) -> Iterator[Member]:
    with _tar(uri, stream) as tar:
        for info in _infos(tar):
            name, offset = info.name.removeprefix("./"), start + info.offset_data
            _check_plain(uri, name, info)
            if not inside and info.isfile() and class_of(name):
                yield Member(name, "", offset, info.size, True)
                yield from _nested(uri, tar, info, offset)
            else:
                yield Member(name, inside, offset, info.size, info.isdir())
        _check_end(uri, start + tar.offset, end)


def _nested(uri: str, tar: tarfile.TarFile, info: tarfile.TarInfo, offset: int) -> Iterator[Member]:
    name = info.name.removeprefix("./")
    with cast(IO[bytes], tar.extractfile(info)) as section:
        try:
            yield from _members(uri, section, offset, offset + info.size, name)
        except tarfile.TarError as error:
            raise tarfile.ReadError(f"its member {name!r}: {error}") from error


def _tar(uri: str, stream: IO[bytes]) -> tarfile.TarFile:
    # A file here is sought in, members are passed over; what is streamed is read through.
    mode: Literal["r:", "r|"] = "r:" if store.local_path(uri) else "r|"
    return tarfile.open(fileobj=stream, mode=mode, tarinfo=_Header)


class _Header(tarfile.TarInfo):
    """A header whose facts are not read where no tar would have so many."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        header = super().frombuf(buf, encoding, errors)
        if header.type in _BEFORE_A_MEMBER and header.size > MOST_HEADER_BYTES:
            raise tarfile.ReadError(f"a name or header of {header.size:,} bytes")
        return header


def _infos(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := tar.next()) is not None:
        yield member
        # tarfile remembers every member, a gigabyte for ImageNet's.
        tar.members.clear()  # type: ignore[attr-defined]


def _check_plain(uri: str, name: str, info: tarfile.TarInfo) -> None:
    if not info.isdir() and (not info.isfile() or info.issparse()):
        raise ValueError(f"{uri} has the member {name!r}, which is no plain file: remove it.")


def _check_end(uri: str, offset: int, limit: int) -> None:
    # tarfile takes a broken header for the end, and so loses all members behind it in silence.
    end = store.read_range(uri, offset, tarfile.BLOCKSIZE)
    if len(end) < tarfile.BLOCKSIZE or any(end) or offset + tarfile.BLOCKSIZE > limit:
        raise tarfile.ReadError(f"it breaks off at byte {offset:,}")
