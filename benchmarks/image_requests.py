"""Requests and bytes that packing a tar of class tars in object storage takes, counted.

    python benchmarks/image_requests.py [classes] [images of each]

A real S3 server (rclone) is started here. Printed are the requests, the megabytes that they bring
and how often that is the tar, of one listing and a request an image, as a random access would have
it, and of `pack_images` in 1 and in 3 parts.
"""

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from image_world import photograph
from rows import Missing, Row
from urllib3.connectionpool import HTTPConnectionPool

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from support.s3_server import INSTALLED, rclone, s3_serving
from support.tars import tar_of

from components.pack_images.items import Asked
from components.pack_images.packing import pack_part
from components.pack_images.sources import item_of, members_of, recognise, source_of
from components.shared.settings.images import ImagesSettings
from components.shared.storage import store

SIDE, DRAWN = 500, 20
CLASSES, IMAGES = 20, 50
ONE_BY_ONE = "a listing, then an image a request"
PREFIX = "s3://devise/images"


@dataclass
class Count:
    """Of GET requests, and of the bytes of their answers."""

    requests: int = 0
    received: int = 0


@contextlib.contextmanager
def counted() -> Iterator[Count]:
    """Count while the block lasts."""
    count, before = Count(), HTTPConnectionPool.urlopen

    def urlopen(pool: HTTPConnectionPool, method: str, url: str, *args: Any, **more: Any) -> Any:
        answer = before(pool, method, url, *args, **more)
        if method == "GET":
            count.requests += 1
            count.received += int(answer.headers.get("Content-Length") or 0)
        return answer

    HTTPConnectionPool.urlopen = urlopen  # type: ignore[method-assign,assignment]
    try:
        yield count
    finally:
        HTTPConnectionPool.urlopen = before  # type: ignore[method-assign]


def tar_of_class_tars(classes: int, images: int) -> bytes:
    """A tar such as ILSVRC2012_img_train.tar."""
    drawn = [photograph(SIDE, seed) for seed in range(DRAWN)]
    return tar_of(
        {
            f"n{wnid:08d}.tar": tar_of(
                {f"n{wnid:08d}_{n}.JPEG": drawn[(wnid + n) % DRAWN] for n in range(images)}
            )
            for wnid in range(classes)
        }
    )


def one_by_one(uri: str) -> None:
    """List the tar, then ask for each image."""
    asked, tar = Asked(("train",)), item_of(PREFIX, uri)
    for member in list(members_of(tar)):
        found = recognise(member, asked)
        if found and found.file:
            source_of(member, found).read()


def in_parts(parts: int, folder: Path) -> None:
    """Pack all parts."""
    for part in range(parts):
        config = ImagesSettings(
            uri=PREFIX, store_uri=str(folder / "store"), part=part, parts=parts, shard_megabytes=8
        )
        pack_part(config, folder / f"{part}-of-{parts}")


def measured(classes: int, images: int) -> tuple[int, dict[str, Count]]:
    """Bytes of a tar, and what each way asks for."""
    with (
        tempfile.TemporaryDirectory() as name,
        s3_serving(Path(name) / "served", "devise") as reached,
        patch.dict(os.environ, reached),
    ):
        folder, uri = Path(name), f"{PREFIX}/train.tar"
        file = folder / "train.tar"
        file.write_bytes(tar_of_class_tars(classes, images))
        store.upload(file, uri)
        ways: dict[str, Callable[[], None]] = {
            ONE_BY_ONE: lambda: one_by_one(uri),
            "pack_images, 1 part": lambda: in_parts(1, folder),
            "pack_images, 3 parts": lambda: in_parts(3, folder),
        }
        found = {}
        for way, work in ways.items():
            with contextlib.redirect_stdout(io.StringIO()), counted() as found[way]:
                work()
        return file.stat().st_size, found


def rows(is_quick: bool = False) -> list[Row | Missing]:
    """Packing in 1 part next to a request an image; the least is a request a class tar."""
    if not rclone():
        return [Missing("requests of packing", INSTALLED)]
    classes, images = (4, 10) if is_quick else (CLASSES, IMAGES)
    size, found = measured(classes, images)
    plain, ours = found[ONE_BY_ONE], found["pack_images, 1 part"]
    name = f"packing {classes} class tars of {images} images, in a tar in S3"
    return [
        Row(name, ours.requests, plain.requests, classes, "requests"),
        Row(name, ours.received / 1e6, plain.received / 1e6, size / 1e6, "MB"),
    ]


def main(classes: int = CLASSES, images: int = IMAGES) -> None:
    """Count, and print a table."""
    size, found = measured(classes, images)
    print(f"{classes:,} class tars of {images:,} images in a tar of {size / 1e6:,.1f} MB")
    for way, count in found.items():
        print(
            f"{way}: {count.requests:,} requests, {count.received / 1e6:,.1f} MB, "
            f"{count.received / size:.2f} times the tar"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
