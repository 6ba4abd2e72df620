"""Where the images are: files in folders, or members of tars, which are never unpacked.

A tar is gone through once for the places of its members; their bytes are then read in any order,
by several threads at a time.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import IO

from components.shared import storage
from components.shared.progress import Progress

TAR = ".tar"
COMPRESSED_TARS = (".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst")
LAYOUT = "images must lie as <split>/<wnid>/<file>"


@dataclass(frozen=True, slots=True)
class Source:
    """One image of the source.

    Attributes:
        path: `<split>/<wnid>/<file>`, unique.
        uri: the file that holds it.
        offset: its first byte in that file.
        length: its bytes; -1: the whole file.
    """

    path: str
    uri: str
    offset: int = 0
    length: int = -1

    @property
    def split(self) -> str:
        """The source's own name of the split."""
        return self.path.split("/")[0]

    @property
    def wnid(self) -> str:
        """The class."""
        return self.path.split("/")[1]

    def read(self) -> bytes:
        """The encoded image.

        Raises:
            ValueError: the tar ends before it does.
        """
        if self.length < 0:
            with storage.open_read(self.uri) as stream:
                return stream.read()
        data = storage.read_range(self.uri, self.offset, self.length)
        if len(data) != self.length:
            raise ValueError(f"{self.uri} ends inside its member {self.path}: fetch it again.")
        return data


@dataclass
class Listing:
    """What lies below an address.

    Attributes:
        images: all images, by path.
        ignored: hidden files, and files that lie beside the split folders.
        wnids: classes that have a folder, be it empty.
    """

    images: list[Source] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    wnids: set[str] = field(default_factory=set)


def find_images(uri: str) -> Listing:
    """List all images below an address: a folder, an s3:// prefix or a tar.

    Raises:
        ValueError: nothing is there, a path has another layout, a tar is broken or compressed, or
            two images have the same path.
    """
    listing = Listing(wnids=_local_folders(uri))
    root = uri.rpartition("/")[0] if uri.endswith(TAR) else uri.rstrip("/")
    for file in storage.list_files(uri):
        if file.endswith(TAR):
            _list_tar(file, listing)
        else:
            _list_image(Source(_below(root, file), file), listing)
    listing.images.sort(key=lambda source: source.path)
    _check_unique(listing.images)
    return listing


def _local_folders(uri: str) -> set[str]:
    """Names of the class folders on a disk; object storage has no empty ones."""
    if storage.is_s3(uri) or not Path(uri).is_dir():
        return set()
    return {folder.name for folder in Path(uri).glob("*/*") if folder.is_dir()}


def _below(root: str, file: str) -> str:
    if file.endswith(COMPRESSED_TARS):
        raise ValueError(f"{file} is compressed: decompress it to a plain .tar first.")
    return file.removeprefix(f"{root}/")


def _list_image(source: Source, listing: Listing) -> None:
    if _is_beside(source.path):
        listing.ignored.append(source.path)
        return
    _check_layout(source)
    listing.images.append(source)
    listing.wnids.add(source.wnid)


def _is_beside(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 1 or parts[-1].startswith(".")


def _check_layout(source: Source) -> None:
    parts = source.path.split("/")
    if len(parts) != 3 or any(part in ("", ".", "..") for part in parts):
        place = f"{source.uri} has the member" if source.length >= 0 else "There is the image"
        raise ValueError(f"{place} {source.path!r}: {LAYOUT}.")


def _check_unique(sources: list[Source]) -> None:
    for one, other in pairwise(sources):
        if one.path == other.path:
            raise ValueError(f"{one.path} is in both {one.uri} and {other.uri}: remove one.")


def _list_tar(uri: str, listing: Listing) -> None:
    progress = Progress(f"listing {uri.rpartition('/')[2]}", 0, "members")
    try:
        with storage.open_read(uri) as stream, _tar(uri, stream) as tar:
            for count, member in enumerate(_members(tar), 1):
                _list_member(uri, member, listing)
                progress.update(count)
            _check_end(uri, tar.offset)
    except tarfile.TarError as error:
        raise ValueError(f"{uri} is no readable tar ({error}): fetch it again.") from error


def _check_end(uri: str, offset: int) -> None:
    # tarfile takes a broken header for the end, and so loses all members behind it in silence.
    end = storage.read_range(uri, offset, tarfile.BLOCKSIZE)
    if len(end) < tarfile.BLOCKSIZE or any(end):
        raise tarfile.ReadError(f"it breaks off at byte {offset:,}")


def _tar(uri: str, stream: IO[bytes]) -> tarfile.TarFile:
    if storage.is_s3(uri):
        return tarfile.open(fileobj=stream, mode="r|")
    return tarfile.open(fileobj=stream, mode="r:")


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    while (member := tar.next()) is not None:
        yield member
        # tarfile remembers every member, a gigabyte for ImageNet's.
        tar.members.clear()  # type: ignore[attr-defined]


def _list_member(uri: str, member: tarfile.TarInfo, listing: Listing) -> None:
    path = member.name.removeprefix("./")
    if member.isdir():
        parts = path.rstrip("/").split("/")
        listing.wnids.update(parts[1:2] if len(parts) == 2 else [])
    elif not member.isfile() or member.issparse():
        raise ValueError(f"{uri} has the member {path!r}, which is no plain file: remove it.")
    else:
        _list_image(Source(path, uri, member.offset_data, member.size), listing)
