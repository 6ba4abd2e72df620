"""Images made here, as prepare_images packs them: for benchmarks that need no data."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
import simplejpeg
from PIL import Image

from components.shared.images.index import CLASSES_FILE, INDEX_FILE
from components.shared.images.shards import shard_name

QUALITY = 85
FALL = 0.74
"""Of the contrast, from a scale to the next finer one, as in photographs."""


def photograph(side: int, seed: int) -> bytes:
    """A JPEG of noise of every scale, about 17 kB at 256 pixels, as ImageNet's are."""
    rng = np.random.default_rng(seed)
    pixels, contrast, grid = np.full((side, side, 3), 128.0), 60.0, 4
    while grid <= side:
        noise = Image.fromarray(rng.integers(0, 256, (grid, grid, 3), np.uint8))
        scaled = noise.resize((side, side), Image.Resampling.BICUBIC)
        pixels += contrast * (np.asarray(scaled, np.float64) / 128 - 1)
        contrast, grid = contrast * FALL, grid * 2
    image = pixels.clip(0, 255).astype(np.uint8)
    return bytes(simplejpeg.encode_jpeg(image, QUALITY, colorsubsampling="420"))


def shard_of(folder: Path, images: list[bytes]) -> pd.DataFrame:
    """Write a shard; a row an image: shard, offset, length."""
    folder.mkdir(parents=True, exist_ok=True)
    content = b"".join(images)
    file = folder / shard_name(hashlib.sha256(content).hexdigest())
    file.write_bytes(content)
    lengths = [len(image) for image in images]
    offsets = np.cumsum([0, *lengths[:-1]])
    return pd.DataFrame({"offset": offsets, "length": lengths, "shard": str(file.absolute())})


def write_index(
    folder: Path, shard: pd.DataFrame, train: int, validation: int, classes: int
) -> None:
    """Write an image index whose images repeat those of a shard, of seen classes alone."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.arange(train + validation) % len(shard)
    wnids = [f"n{number:08d}" for number in range(classes)]
    frame = shard.iloc[rows].reset_index(drop=True)
    frame["wnid"] = np.resize(wnids, len(frame))
    frame["split"] = ["train"] * train + ["validation"] * validation
    frame["path"] = [f"{number}.JPEG" for number in range(len(frame))]
    frame = frame.assign(checksum="", seen=True)
    frame.to_parquet(folder / INDEX_FILE)
    counts = {"train": train // classes, "validation": validation // classes, "test": 0}
    pd.DataFrame({"wnid": wnids}).assign(seen=True, **counts).to_parquet(folder / CLASSES_FILE)
