"""A small source of images with flaws in every part, in whatever layout."""

import io
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg
from support.settings import unchecked
from support.tars import tar_of

from components.shared.settings.images import ImagesSettings

SEEN, UNSEEN, BY_NATURE = ("n00000001", "n00000002"), "n00000003", "n00000004"
Images = Mapping[str, bytes]


def jpeg(seed: int, height: int = 12, width: int = 10) -> bytes:
    """Noise as a plain JPEG."""
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return bytes(simplejpeg.encode_jpeg(pixels, 90))


def images_with_flaws() -> dict[str, bytes]:
    """Training and held-out images of three classes, and others of a split for zero-shot tests.

    Some cannot be read, and some held-out ones are training images too.
    """
    found = {}
    for number in range(3 * 2 * 10):
        split, wnid = ("train", "val")[number % 2], (*SEEN, UNSEEN)[number // 20]
        broken, twin = number % 10 in (4, 9), split == "val" and number % 6 == 1
        data = b"broken" if broken else jpeg(number % 8 * 2 if twin else number)
        found[f"{split}/{wnid}/{(number * 7) % 60:03}.JPEG"] = data
    for number, wnid in enumerate((SEEN[0], UNSEEN, BY_NATURE) * 3):
        found[f"fall11/{wnid}/{number}.JPEG"] = jpeg(100 + number)
    return found


def as_folders(root: Path, images: Images) -> None:
    """Write a file each."""
    for path, data in images.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(data)


def as_split_tars(root: Path, images: Images) -> None:
    """Write a tar a split, of class folders."""
    for split, of_split in _grouped(images, 1).items():
        _write(root / f"{split}.tar", tar_of(of_split))


def as_class_tars(root: Path, images: Images) -> None:
    """Write a tar a class, in a folder a split."""
    for folder, of_class in _grouped(images, 2).items():
        _write(root / f"{folder}.tar", tar_of(of_class))


def as_tars_of_class_tars(root: Path, images: Images) -> None:
    """Write a tar a split, of a tar a class."""
    tars = {f"{name}.tar": tar_of(of_class) for name, of_class in _grouped(images, 2).items()}
    for split, of_split in _grouped(tars, 1).items():
        _write(root / f"{split}.tar", tar_of(of_split))


def as_parquet(root: Path, images: Images) -> None:
    """Write two files a split, as the hub has them."""
    for split, of_split in _grouped(images, 1).items():
        rows = [
            {"image": {"bytes": data, "path": name.partition("/")[2]}, "label": name.split("/")[0]}
            for name, data in of_split.items()
        ]
        for number in range(2):
            stream = io.BytesIO()
            pq.write_table(pa.Table.from_pylist(rows[number::2]), stream, row_group_size=7)
            _write(root / f"data/{split}-0000{number}-of-00002.parquet", stream.getvalue())


LAYOUTS: dict[str, Callable[[Path, Images], None]] = {
    "folders": as_folders,
    "split tars": as_split_tars,
    "class tars": as_class_tars,
    "tars of class tars": as_tars_of_class_tars,
    "parquet": as_parquet,
}


def settings_of(folder: Path) -> ImagesSettings:
    """The source in `images` and the store in `store` of a folder, in shards of a few images."""
    return unchecked(
        ImagesSettings,
        uri=str(folder / "images"),
        unseen=[UNSEEN],
        zero_shot_splits=["val", "fall11"],
        validation_share=0.3,
        store_uri=str(folder / "store"),
        short_side=16,
        shard_megabytes=1,
        leave_out_duplicates=True,
    )


def _grouped(images: Images, folders: int) -> dict[str, dict[str, bytes]]:
    """The images by the folder that so many first names lead to; the rest is their name there."""
    found: dict[str, dict[str, bytes]] = {}
    for path, data in images.items():
        parts = path.split("/")
        inside = found.setdefault("/".join(parts[:folders]), {})
        inside["/".join(parts[folders:])] = data
    return found


def _write(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
