"""Artifacts of a run's first stages in a world of ten seen classes, to cut inner splits from."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import simplejpeg
from support.shards import write_shard

from components.shared.artifacts.word_vectors import (
    COUNTS_FILE,
    FACTS_FILE,
    VECTORS_FILE,
    write_counts,
    write_word2vec_binary,
)
from components.shared.images.shards import image_checksum

CLASSES = tuple(f"n{number:08}" for number in range(10))
SORTS = tuple(f"n{number:08}" for number in range(20, 25))
"""Each has two of the classes below it."""
ROOT = "n00000030"
EDGES = [(SORTS[number // 2], wnid) for number, wnid in enumerate(CLASSES)] + [
    (ROOT, sort) for sort in SORTS
]
SIZE, DIM = 16, 8
IMAGES = tuple(range(12, 32, 2))
"""Of each class: the mean over images is not that over classes."""
QUICK = {
    "visual_input_size": SIZE,
    "visual_resize": SIZE,
    "visual_epochs": 4,
    "visual_learning_rate": 0.02,
    "visual_half_size_epochs": 0,
    "visual_batch_size": 32,
    "devise_phase_1_epochs": 4,
    "devise_phase_1_views": 1,
    "devise_batch_size": 16,
    "baselines_dgp_steps": 2,
    "precision": "fp32",
}
"""Settings of trainings that take a second."""


def write_world(folder: Path) -> None:
    """Write `taxonomy`, `word_vectors` and `image_index`."""
    for name in ("taxonomy", "word_vectors", "image_index"):
        (folder / name).mkdir(parents=True)
    _write_taxonomy(folder / "taxonomy")
    _write_words(folder / "word_vectors")
    _write_images(folder / "image_index")


def _write_taxonomy(folder: Path) -> None:
    wnids = [*CLASSES, *SORTS]
    synsets = pd.DataFrame({"wnid": wnids, "terms": [[f"term {wnid}"] for wnid in wnids]})
    synsets.to_parquet(folder / "synsets.parquet")
    pd.DataFrame(EDGES, columns=["a", "b"]).to_parquet(folder / "edges.parquet")
    facts = {"hierarchy": "h", "synsets": len(wnids), "edges": len(EDGES)}
    (folder / "taxonomy.json").write_text(json.dumps({**facts, "nodes_without_terms": [ROOT]}))


def _write_words(folder: Path) -> None:
    """A word a synset; those of a sort are alike."""
    generator = np.random.default_rng(1)
    sorts = generator.standard_normal((len(SORTS), DIM))
    classes = np.repeat(sorts, 2, axis=0) + 0.7 * generator.standard_normal((len(CLASSES), DIM))
    words = [f"term_{wnid}" for wnid in (*CLASSES, *SORTS)]
    write_word2vec_binary(folder / VECTORS_FILE, words, np.concatenate([classes, sorts]))
    write_counts(folder / COUNTS_FILE, dict.fromkeys(words, 9))
    (folder / FACTS_FILE).write_text("{}")


def _write_images(folder: Path) -> None:
    """Training images: a noisy colour a class, near within a sort."""
    generator = np.random.default_rng(0)
    colours = np.repeat(generator.integers(40, 190, (len(SORTS), 3)), 2, axis=0)
    colours[1::2] += 25
    rows, content = [], b""
    for wnid, colour, images in zip(CLASSES, colours, IMAGES, strict=True):
        for number in range(images):
            noise = generator.integers(-40, 41, (SIZE, SIZE, 3)) + generator.integers(-12, 13, 3)
            pixels = np.clip(colour + noise, 0, 255).astype(np.uint8)
            data = simplejpeg.encode_jpeg(pixels, quality=90)
            place = len(content), len(data), image_checksum(data)
            rows.append((*place, wnid, f"train/{wnid}/{number:02}.JPEG"))
            content += data
    frame = pd.DataFrame(rows, columns=["offset", "length", "checksum", "wnid", "path"])
    frame = frame.assign(split="train", seen=True, shard=str(write_shard(folder, content)))
    frame.to_parquet(folder / "index.parquet")
    classes = pd.DataFrame({"wnid": CLASSES, "seen": True, "train": IMAGES})
    classes.assign(validation=0, test=0).to_parquet(folder / "classes.parquet")
