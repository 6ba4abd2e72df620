"""The image index: where the bytes of each image are, what it shows and which part it belongs to.

The artifact of prepare_images: `index.parquet` (a row per image), `classes.parquet` (a row per
class) and `images.json` (what was found, packed and left out).
"""

from pathlib import Path

import pandas as pd

INDEX_FILE = "index.parquet"
CLASSES_FILE = "classes.parquet"
FACTS_FILE = "images.json"
SPLITS = ("train", "validation", "test")
INDEX_COLUMNS = ("shard", "offset", "length", "wnid", "split", "path", "checksum", "seen")
CLASS_COLUMNS = ("wnid", "seen", *SPLITS)


def read_index(folder: Path) -> pd.DataFrame:
    """Read the rows of all images, in the order of their bytes in the shards.

    Args:
        folder: The image index artifact.

    Returns:
        Columns shard (address), offset and length (bytes), wnid, split (train, validation or
        test), path (inside the source, unique), checksum (of the bytes) and seen (whether the
        class is trained on).

    Raises:
        ValueError: The file or a column is missing.
    """
    return _read(folder / INDEX_FILE, INDEX_COLUMNS)


def read_classes(folder: Path) -> pd.DataFrame:
    """Read the classes: wnid, seen, and the number of images of each split.

    Raises:
        ValueError: The file or a column is missing.
    """
    return _read(folder / CLASSES_FILE, CLASS_COLUMNS)


def _read(file: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    if not file.is_file():
        raise ValueError(f"{file} is missing: give the output folder of prepare_images.")
    frame = pd.read_parquet(file)
    missing = [column for column in columns if column not in frame.columns]
    if missing:
        raise ValueError(f"{file} has no column {missing[0]!r}: make it with prepare_images again.")
    return frame


def select(frame: pd.DataFrame, *, split: str, seen: bool) -> pd.DataFrame:
    """Rows of one split, of the seen or of the unseen classes, in the order of the index.

    Raises:
        ValueError: There is no such split.
    """
    if split not in SPLITS:
        raise ValueError(f"There is no split {split!r}: choose one of {', '.join(SPLITS)}.")
    chosen = (frame["split"] == split) & (frame["seen"] == seen)
    return frame[chosen].reset_index(drop=True)
