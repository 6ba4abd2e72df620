"""Images from shards to crops, next to PIL and torchvision's transforms on the original files.

    python benchmarks/image_input.py [images]

Photographs of 512 pixels are packed as prepare_images packs them, at a short side of 256, on
disk and in an S3 server on this machine (`rclone serve s3`), from which an empty cache is filled.
One thread; the bound is to decode alone. The last row trains, as training_step.py does, on crops
that threads decode and on those of processes.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import simplejpeg
import torch
from image_world import photograph, shard_of
from PIL import Image
from rows import Missing, Row, in_turn
from torchvision.transforms import v2
from training_step import Bare, settings

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from support.s3_server import INSTALLED, rclone, s3_serving

from components.shared.device import data_threads
from components.shared.images import batches as batches_of_images
from components.shared.images.batches import augmented_batches
from components.shared.images.crops import ImageView, decode_all
from components.shared.images.places import Files
from components.shared.images.shards import ImageStore
from components.shared.storage import store

IMAGES, DIFFERENT, ROUNDS, SIDE = 300, 60, 3, 224
ORIGINAL, PACKED = 512, 256
BATCHES, BATCH, CLASSES, PROCESSES = 6, 64, 160, 2
VIEWS = {"the paper's crops": 1.0, "random resized crops": 0.08}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def rows(is_quick: bool = False, images: int = IMAGES) -> list[Row | Missing]:
    """A row for each kind of crop from disk and from S3, and one for training on crops."""
    images, rounds = (8, 1) if is_quick else (images, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        originals = _originals(folder / "originals", min(images, DIFFERENT))
        packed = [_packed(file) for file in originals]
        frame = shard_of(folder / "shards", packed).iloc[np.arange(images) % len(packed)]
        files = [originals[number % len(originals)] for number in range(images)]
        rows_from = partial(_rows_from, files, packed, rounds)
        found: list[Row | Missing] = rows_from("on disk", lambda view: _ours(frame, view))
        if not rclone():
            found.append(Missing("images from shards in S3", INSTALLED))
        else:
            with uploaded(folder, frame) as remote:
                found += rows_from("in S3", lambda view: from_s3(folder, remote, view))
        batches = (2, 4) if is_quick else (BATCHES, BATCH)
        return [*found, decoded_by_row(folder, *batches, rounds)]


def _rows_from(
    files: list[Path],
    packed: list[bytes],
    rounds: int,
    place: str,
    ours: Callable[[ImageView], None],
) -> list[Row | Missing]:
    """A row for each kind of crop from shards in a place."""
    found: list[Row | Missing] = []
    for kind, scale in VIEWS.items():
        ways: dict[str, Callable[[], object]] = {
            "ours": partial(ours, ImageView(SIDE, 256, scale, MEAN, STD)),
            "plain": partial(transformed, files, scale),
            "bound": partial(decoded, packed, len(files)),
        }
        name = f"images from shards {place}, {kind}"
        found.append(_row(name, len(files), in_turn(ways, rounds)))
    return found


def _row(name: str, images: int, seconds: dict[str, float]) -> Row:
    rates = {way: images / took for way, took in seconds.items()}
    what = f"{name}; PIL + transforms.v2 on originals; decoding alone"
    return Row(what, rates["ours"], rates["plain"], rates["bound"], "images/s")


def crops(images: ImageStore, view: ImageView) -> None:
    """Read and decode all of them, once."""
    draws = np.random.default_rng(0).random((len(images), 5))
    files, out = Files(), np.empty((len(images), SIDE, SIDE, 3), np.uint8)
    decode_all(map(files.read, images.places(range(len(images)))), view, draws, out)


def decoded(packed: list[bytes], images: int) -> None:
    """Decode so many, whole, and do no more."""
    for number in range(images):
        simplejpeg.decode_jpeg(packed[number % len(packed)])


def transformed(files: list[Path], scale: float) -> None:
    """Open and crop all originals, as torchvision's ImageFolder does."""
    whole = [v2.Resize(256), v2.RandomCrop(SIDE)]
    crop = whole if scale == 1.0 else [v2.RandomResizedCrop(SIDE, (scale, 1.0))]
    steps = [*crop, v2.RandomHorizontalFlip(), v2.PILToTensor(), v2.ToDtype(torch.uint8)]
    transform = v2.Compose(steps)
    for file in files:
        transform(Image.open(file).convert("RGB"))


def from_s3(folder: Path, frame: pd.DataFrame, view: ImageView) -> None:
    """Read and decode all of them out of shards in S3, into a cache that is empty."""
    with (
        tempfile.TemporaryDirectory(dir=folder) as cache,
        patch.dict(os.environ, {"DEVISE_CACHE": cache}),
    ):
        crops(ImageStore(frame), view)


@contextmanager
def uploaded(folder: Path, frame: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The same rows, of a shard that lies in an S3 server while the context lasts."""
    file = Path(frame["shard"].iloc[0])
    uri = f"s3://shards/{file.name}"
    with s3_serving(folder / "served", "shards") as reached, patch.dict(os.environ, reached):
        with store.writing(uri) as aside:
            shutil.copyfile(file, aside)
        yield frame.assign(shard=uri)


def decoded_by_row(folder: Path, batches: int, batch_size: int, rounds: int) -> Row:
    """Training on a CPU on crops that threads decode, next to processes that do."""
    config = settings(batch_size=batch_size)
    side, device = config.input_size, torch.device("cpu")
    images = batches * batch_size
    drawn = [photograph(side, seed) for seed in range(min(images, DIFFERENT))]
    frame = shard_of(folder / "small", drawn).iloc[np.arange(images) % len(drawn)]
    view = ImageView(side, config.resize, config.crop_scale, MEAN, STD)
    bare = Bare(config, CLASSES)

    def train(processes: int) -> None:
        given = ImageStore(frame), view, np.arange(images), batch_size, [0], device
        with patch.object(batches_of_images, "data_processes", lambda _: processes):
            for _, batch in augmented_batches(*given):
                bare.step(batch)

    ways: dict[str, Callable[[], object]] = {
        "ours": partial(train, 0),
        "plain": partial(train, PROCESSES),
        "bound": partial(bare.rate, side, batches),
    }
    try:
        # The processes stay, once they are started.
        train(PROCESSES)
        seconds = in_turn(ways, rounds)
    finally:
        _end_processes(device)
    what = f"training on crops of {side} px, decoded by {data_threads()} thread(s)"
    rates = {way: images / took for way, took in seconds.items()}
    name = f"{what}; by {PROCESSES} processes; the bare step"
    return Row(name, rates["ours"], rates["plain"], rates["bound"], "images/s")


def _end_processes(device: torch.device) -> None:
    with patch.object(batches_of_images, "data_processes", lambda _: PROCESSES):
        if pool := batches_of_images.decoding_pool(device):
            pool.close()


def _ours(frame: pd.DataFrame, view: ImageView) -> None:
    crops(ImageStore(frame), view)


def _originals(folder: Path, images: int) -> list[Path]:
    folder.mkdir()
    files = [folder / f"{number}.jpg" for number in range(images)]
    for number, file in enumerate(files):
        file.write_bytes(photograph(ORIGINAL, number))
    return files


def _packed(original: Path) -> bytes:
    small = Image.open(original).resize((PACKED, PACKED), Image.Resampling.BILINEAR)
    content = BytesIO()
    small.save(content, "JPEG", quality=90)
    return content.getvalue()


if __name__ == "__main__":
    for found in rows(images=int(sys.argv[1]) if len(sys.argv) > 1 else IMAGES):
        print(found)
