"""Where the images are, in the layouts that people have, none of which is ever unpacked.

Below images_uri, a folder or an s3:// prefix, or as its only file:

- `<split>/<wnid>/<file>`; the same as members of tars; or `<split>.tar` with `<wnid>/<file>`;
- a tar a class, `<split>/n01440764.tar`; without a folder the split is `fall11`, as ImageNet's
  21K release comes (name `fall11` in images_zero_shot_splits);
- a tar of class tars, `<split>.tar`, such as ILSVRC2012_img_train.tar;
- images without class folders, `<split>/<file>` or `<split>.tar`, such as ILSVRC2012_img_val.tar,
  with their classes in images_ground_truth_uri (see `ground_truth`);
- parquet files of the Hugging Face hub, `data/train-00000-of-00004.parquet` (see `parquet`).

Published names of splits are translated: ILSVRC2012_img_train is `train`; ILSVRC2012_img_val,
`validation` and `valid` are `val`; fall11_whole is `fall11`; a name that the parameters use stays.
The development kit and the bounding boxes of ILSVRC may lie beside the images.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

from components.prepare_images.class_names import REMEDY, ClassNames
from components.prepare_images.ground_truth import read_ground_truth, read_wnids
from components.prepare_images.listing import (
    FALL11,
    WNID,
    Listing,
    Source,
    is_hidden,
    is_image_name,
    split_named,
)
from components.prepare_images.parquet import (
    PARQUET,
    Columns,
    Row,
    list_rows,
    read_columns,
    split_of_file,
)
from components.prepare_images.tars import (
    COMPRESSED_TARS,
    TAR,
    Member,
    class_of,
    tar_members,
)
from components.shared.storage import store

LAYOUT = "images must lie as <split>/<wnid>/<file>"
_NO_IMAGES = re.compile(r"ILSVRC\d+_(devkit|bbox).*")


class Finder:
    """Takes in the files below an address one after another, each in its own layout."""

    def __init__(
        self,
        splits: Collection[str] = (),
        ground_truth_uri: str = "",
        terms: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        """Hold what `find_images` was given."""
        self.splits, self.ground_truth_uri = splits, ground_truth_uri
        self.listing = Listing()
        self._class_names = ClassNames(terms or {})
        self._of_names: dict[tuple[str, ...], list[str]] = {}
        self._parquets: list[tuple[str, str]] = []
        self._paths: set[str] = set()
        self._rows: dict[str, int] = {}

    def take(self, path: str, uri: str) -> None:
        """Take in a file: a tar, a parquet file or an image; others are ignored or refused.

        Args:
            path: its place below images_uri.
            uri: its address.
        """
        beside = is_hidden(path) or _NO_IMAGES.fullmatch(path.split("/")[0])
        if beside or uri == self.ground_truth_uri:
            self.listing.ignored.append(path)
        elif path.endswith(COMPRESSED_TARS):
            raise ValueError(f"{uri} is compressed: decompress it to a plain .tar first.")
        elif path.endswith(TAR):
            self._take_tar(path, uri)
        elif path.endswith(PARQUET):
            self._parquets.append((path, uri))
        elif "/" not in path:
            self.listing.ignored.append(path)
        else:
            self._take_image(Source(path, uri))

    def finish(self) -> Listing:
        """Give the images that need it their classes, and all of them in order.

        Raises:
            ValueError: a class is not known, or two images have the same path.
        """
        wnids = self._wnids_by_number()
        for path, uri in self._parquets:
            self._take_parquet(path, uri, wnids)
        self._label()
        self.listing.images.sort(key=lambda source: source.path)
        _check_unique(self.listing.images)
        return self.listing

    def _split(self, name: str) -> str:
        return split_named(name, self.splits)

    def _take_image(self, source: Source) -> None:
        """An image at `<split>/<wnid>/<file>` or `<split>/<file>`."""
        parts = source.path.split("/")
        if len(parts) == 2 and is_image_name(parts[1]) and self.ground_truth_uri:
            self._take_unlabelled(parts[0], parts[1], source)
            return
        _check_layout(source, source.path)
        self._place(parts[0], "/".join(parts[1:]), source, f"folders {parts[0]}")

    def _place(self, split_name: str, below: str, source: Source, origin: str) -> None:
        split = self._split(split_name)
        self.listing.claim(split, origin, _place_of(source))
        path = f"{split}/{below}"
        self.listing.add(Source(path, source.uri, source.offset, source.length))

    def _take_unlabelled(self, split_name: str, name: str, source: Source) -> None:
        split = self._split(split_name)
        if not self.ground_truth_uri:
            raise ValueError(
                f"{_has(source)} {source.path!r} in no class folder: {LAYOUT}, or give the classes "
                "in images_ground_truth_uri."
            )
        _check_parts(source, [split, name])
        self.listing.claim(
            split, f"unlabelled {source.uri if source.length >= 0 else split}", _place_of(source)
        )
        path = f"{split}/{name}"
        self.listing.unlabelled.append(Source(path, source.uri, source.offset, source.length))

    def _take_tar(self, path: str, uri: str) -> None:
        """All members of a tar; files at its top are only images where it has no folders."""
        loose: list[Source] = []
        laid_out = False
        for member in tar_members(uri):
            if member.is_folder:
                self._take_folder(member.name)
            elif is_hidden(member.name):
                self.listing.ignored.append(member.name)
            elif "/" not in member.name and not member.inside and not class_of(path):
                loose.append(Source(member.name, uri, member.offset, member.size))
            else:
                laid_out = True
                self._take_member(path, uri, member)
        if class_of(path):
            self.listing.wnids.add(class_of(path))
        self._take_loose(path, loose, laid_out)

    def _take_folder(self, path: str) -> None:
        parts = path.rstrip("/").split("/")
        if class_of(path):
            self.listing.wnids.add(class_of(path))
        elif len(parts) == 2:
            self.listing.wnids.add(parts[1])
        elif WNID.fullmatch(parts[0]):
            self.listing.wnids.add(parts[0])

    def _take_member(self, path: str, uri: str, member: Member) -> None:
        source = Source(member.name, uri, member.offset, member.size)
        parts = member.name.split("/")
        class_tar = member.inside or (path if class_of(path) else "")
        if class_tar:
            self._take_of_class(path, class_tar, source)
        elif len(parts) == 2 and WNID.fullmatch(parts[0]):
            _check_parts(source, parts)
            self._place(_stem(path), member.name, source, f"class folders of {uri}")
        else:
            self._take_image(source)

    def _take_of_class(self, path: str, class_tar: str, source: Source) -> None:
        """A member of a class tar, whose folder, or else the tar around it, names the split."""
        wnid = class_of(class_tar)
        parts = source.path.split("/")
        if len(parts) > 2 or (len(parts) == 2 and parts[0] != wnid):
            raise ValueError(f"{_has(source)} {source.path!r}: a class tar holds just its images.")
        _check_parts(source, parts)
        folder = class_tar.rpartition("/")[0].rpartition("/")[2]
        name = folder or (FALL11 if class_tar == path else _stem(path))
        outer = class_tar.rpartition("/")[0] if class_tar == path else source.uri
        self._place(name, f"{wnid}/{parts[-1]}", source, f"class tars {outer}")

    def _take_loose(self, path: str, loose: list[Source], laid_out: bool) -> None:
        for source in loose:
            if laid_out or not is_image_name(source.path):
                self.listing.ignored.append(source.path)
            else:
                self._take_unlabelled(_stem(path), source.path, source)

    def _wnids_by_number(self) -> list[str]:
        """The classes of numbered labels, where the ground-truth list is one of them."""
        if not self.ground_truth_uri or self.listing.unlabelled:
            return []
        if not self._parquets:
            raise ValueError(
                "images_ground_truth_uri is given, but every image has a class: leave it empty."
            )
        return read_wnids(self.ground_truth_uri)

    def _take_parquet(self, path: str, uri: str, wnids: Sequence[str]) -> None:
        split = self._split(split_of_file(path))
        self.listing.claim(split, f"parquet {path.rpartition('/')[0]} {split_of_file(path)}", uri)
        columns = read_columns(uri)
        classes = list(wnids) or self._classes(columns.names)
        if wnids and columns.names and len(wnids) != len(columns.names):
            raise ValueError(
                f"{self.ground_truth_uri} has {len(wnids):,} wnids for the {len(columns.names):,} "
                f"classes of {uri}: give one a line for each."
            )
        for row in list_rows(uri, columns):
            self.listing.add(
                Source(
                    self._path(split, row, self._wnid(uri, row, columns, classes)),
                    uri,
                    row=row.number,
                )
            )

    def _classes(self, names: tuple[str, ...]) -> list[str]:
        if names not in self._of_names:
            self._of_names[names] = self._class_names.resolve_all(names)
        return self._of_names[names]

    def _wnid(self, uri: str, row: Row, columns: Columns, classes: Sequence[str]) -> str:
        if isinstance(row.label, str):
            return self._classes((row.label,))[0]
        if not classes:
            raise ValueError(
                f"{uri}: the labels in {columns.label!r} are numbers without names: {REMEDY}."
            )
        if not 0 <= row.label < len(classes):
            raise ValueError(
                f"{uri}: row {row.number} has the label {row.label}: allowed is from 0 to "
                f"{len(classes) - 1}."
            )
        return classes[row.label]

    def _path(self, split: str, row: Row, wnid: str) -> str:
        """`<split>/<wnid>/<file>`, with the row's number in the split where that is needed."""
        number = self._rows[split] = self._rows.get(split, -1) + 1
        path = f"{split}/{wnid}/{row.file_name or f'{number:08d}'}"
        if path in self._paths:
            path = f"{split}/{wnid}/{number:08d}-{row.file_name}"
        self._paths.add(path)
        return path

    def _label(self) -> None:
        images = sorted(self.listing.unlabelled, key=lambda source: source.path)
        if not images:
            return
        first, last = images[0], images[-1]
        if first.split != last.split:
            raise ValueError(
                f"{_place_of(first)} and {_place_of(last)} have images in no class folder, but "
                "images_ground_truth_uri is one split's: move the others away."
            )
        wnids = read_ground_truth(self.ground_truth_uri, [source.path for source in images])
        for source, wnid in zip(images, wnids, strict=True):
            path = f"{source.split}/{wnid}/{source.path.partition('/')[2]}"
            self.listing.add(Source(path, source.uri, source.offset, source.length))
        self.listing.unlabelled.clear()


def find_images(
    uri: str,
    splits: Collection[str] = (),
    ground_truth_uri: str = "",
    terms: Mapping[str, Sequence[str]] | None = None,
) -> Listing:
    """List all images below an address: a folder, an s3:// prefix, a tar or a parquet file.

    Args:
        uri: the address.
        splits: names of splits that are not translated.
        ground_truth_uri: classes of images in no class folder, or the wnids of the numbered
            labels of parquet files.
        terms: terms of each synset by wnid, to resolve the class names of parquet files.

    Raises:
        ValueError: nothing is there, a path has another layout, a file is broken or compressed,
            an image has no class, a split comes from two sources, or two images have the same
            path.
    """
    finder = Finder(splits, ground_truth_uri, terms)
    root = uri.rpartition("/")[0] if uri.endswith((TAR, PARQUET)) else uri.rstrip("/")
    files = store.list_files(uri)
    for file in files:
        finder.take(file.removeprefix(f"{root}/"), file)
    listing = finder.finish()
    listing.wnids |= _local_folders(uri, files)
    return listing


def _local_folders(uri: str, files: Sequence[str]) -> set[str]:
    """Names of the class folders on a disk; object storage has no empty ones."""
    if store.is_s3(uri) or not Path(uri).is_dir():
        return set()
    containers = {Path(file).parent for file in files if file.endswith((TAR, PARQUET))}
    return {
        folder.name
        for folder in Path(uri).glob("*/*")
        if folder.is_dir()
        and folder not in containers
        and not is_hidden(f"{folder.parent.name}/{folder.name}")
        and not _NO_IMAGES.fullmatch(folder.parent.name)
    }


def _has(source: Source) -> str:
    return f"{source.uri} has the member" if source.length >= 0 else "There is the image"


def _place_of(source: Source) -> str:
    return source.uri if source.length < 0 else f"{source.uri} ({source.path})"


def _stem(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(TAR)


def _check_layout(source: Source, path: str) -> None:
    parts = path.split("/")
    if len(parts) != 3:
        parts = [""]
    _check_parts(source, parts)


def _check_parts(source: Source, parts: Sequence[str]) -> None:
    if any(part in ("", ".", "..") for part in parts):
        raise ValueError(f"{_has(source)} {source.path!r}: {LAYOUT}.")


def _check_unique(sources: list[Source]) -> None:
    for one, other in pairwise(sources):
        if one.path == other.path:
            raise ValueError(f"{one.path} is in both {one.uri} and {other.uri}: remove one.")
