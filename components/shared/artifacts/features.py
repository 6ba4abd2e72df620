"""The frozen trunk's features, computed once for all that read them; the artifact of embed_images.

Views are numbered. View 0 has the centre crop of every held-out image, in the order of the index;
view 1 and those after it have a random crop of every training image each. Their features lie in
shards beside those of the images: safetensors, float16, memory-mapped where they are read. The
artifact says where: `features.parquet` (a row a shard: view, first, rows, shard) and
`features.json` (feature_dim, views, held_out_images, training_images, precision).
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from safetensors import safe_open

from components.shared.images.index import select
from components.shared.images.shards import local_shard
from components.shared.storage.atomic import write_json

SHARDS_FILE = "features.parquet"
FACTS_FILE = "features.json"
TENSOR = "features"
CENTRE = 0
"""The view of held-out images; training images have those from 1 on."""
COLUMNS = ("view", "first", "rows", "shard")


@dataclass(frozen=True)
class FeatureFacts:
    """What there are features of.

    Attributes:
        feature_dim: Features of an image.
        views: Views of each training image.
        held_out_images: Images in view 0.
        training_images: Images in each of the others.
        precision: Arithmetic of the trunk.
    """

    feature_dim: int
    views: int
    held_out_images: int
    training_images: int
    precision: str


@dataclass(frozen=True)
class FeatureShard:
    """Features of neighbouring images in one view.

    Attributes:
        view: Its number.
        first: The first image's place in the view.
        rows: How many images.
        shard: Address of the file.
    """

    view: int
    first: int
    rows: int
    shard: str


@dataclass(frozen=True)
class FeatureView:
    """Features of some images in one view, read from disk as they are asked for.

    Attributes:
        parts: float16 [rows, feature_dim] each, one after another all images of the view.
        chosen: int64 [images], which of them these are.
    """

    parts: tuple[np.ndarray, ...]
    chosen: np.ndarray

    def __len__(self) -> int:
        """Number of images."""
        return len(self.chosen)

    @property
    def feature_dim(self) -> int:
        """Features of an image."""
        return int(self.parts[0].shape[1])

    def of(self, images: np.ndarray) -> "FeatureView":
        """Return the view of some of these images: int [n], places among them."""
        return FeatureView(self.parts, self.chosen[images])

    def __getitem__(self, images: np.ndarray) -> np.ndarray:
        """Features of images: int [n], places among these, to float16 [n, feature_dim]."""
        rows = self.chosen[images]
        if len(self.parts) == 1:
            gathered: np.ndarray = self.parts[0][rows]
            return gathered
        starts = np.cumsum([0, *map(len, self.parts)])
        numbers = np.searchsorted(starts, rows, side="right") - 1
        found = np.empty((len(rows), self.feature_dim), dtype=np.float16)
        for number in np.unique(numbers):
            here = numbers == number
            found[here] = self.parts[number][rows[here] - starts[number]]
        return found

    def blocks(self, size: int, first: int = 0) -> Iterator[np.ndarray]:
        """Go through the features in order, float16 [at most size, feature_dim] at a time.

        Args:
            size: Images of a block.
            first: The image to begin with.
        """
        for start in range(first, len(self), size):
            yield self[np.arange(start, min(start + size, len(self)))]


@dataclass(frozen=True)
class Features:
    """All views.

    Attributes:
        facts: What there are features of.
        shards: A row a shard, in order.
    """

    facts: FeatureFacts
    shards: pd.DataFrame

    def training(self, number: int) -> FeatureView:
        """Return view `number` of the training images, counted from 1, in the index's order."""
        assert 0 < number <= self.facts.views, f"there is no view {number}"
        return self._view(number)

    def held_out(self) -> FeatureView:
        """Return the centre crops of `held_out_images`, in their order."""
        return self.held_out_of(np.arange(self.facts.held_out_images))

    def held_out_of(self, images: np.ndarray) -> FeatureView:
        """Return the centre crops of some of `held_out_images`; other shards are not opened.

        Args:
            images: int [n], their places among all.
        """
        shards = self.shards[self.shards["view"] == CENTRE]
        first, rows = (shards[name].to_numpy() for name in ("first", "rows"))
        of_image = np.searchsorted(first, images, side="right") - 1
        needed, places = np.unique(of_image, return_inverse=True)
        starts = np.cumsum(rows[needed]) - rows[needed]
        opened = _opened(shards["shard"].iloc[needed])
        return FeatureView(opened, starts[places] + images - first[of_image])

    def _view(self, number: int) -> FeatureView:
        parts = _opened(self.shards.loc[self.shards["view"] == number, "shard"])
        return FeatureView(parts, np.arange(sum(map(len, parts))))


def training_images(index: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the images in the views from 1 on, in their order."""
    return select(index, split="train", seen=True)


def held_out_images(index: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the images in view 0, in their order: all validation and test images."""
    return index[index["split"] != "train"].reset_index(drop=True)


def write_features(folder: Path, facts: FeatureFacts, shards: Sequence[FeatureShard]) -> None:
    """Write the artifact; the shards are in the store.

    Args:
        folder: Made if absent.
        facts: What there are features of.
        shards: View by view, in the order of their images.
    """
    folder.mkdir(parents=True, exist_ok=True)
    frame = pd.DataFrame([asdict(shard) for shard in shards], columns=list(COLUMNS))
    frame.to_parquet(folder / SHARDS_FILE, index=False)
    write_json(folder / FACTS_FILE, asdict(facts))


def read_features(folder: Path, index: pd.DataFrame) -> Features:
    """Read where the features are; shards are opened when a view is asked for.

    Args:
        folder: The artifact.
        index: The image index that it was made from.

    Raises:
        ValueError: A file is missing, or the features are of another image index.
    """
    for name in (SHARDS_FILE, FACTS_FILE):
        if not (folder / name).is_file():
            raise ValueError(f"{folder / name} is missing: give the output folder of embed_images.")
    facts = FeatureFacts(**json.loads((folder / FACTS_FILE).read_text(encoding="utf-8")))
    _check_images(folder, facts, index)
    return Features(facts, pd.read_parquet(folder / SHARDS_FILE))


def _check_images(folder: Path, facts: FeatureFacts, index: pd.DataFrame) -> None:
    counted: Mapping[str, tuple[int, int]] = {
        "training": (facts.training_images, len(training_images(index))),
        "held-out": (facts.held_out_images, len(held_out_images(index))),
    }
    for kind, (there, needed) in counted.items():
        if there != needed:
            raise ValueError(
                f"{folder} has features of {there:,} {kind} images and the index has {needed:,}: "
                "give the features that embed_images made of this index."
            )


def _opened(shards: Iterable[str]) -> tuple[np.ndarray, ...]:
    return tuple(_mapped(local_shard(uri, is_held=True)) for uri in shards)


def _mapped(file: Path) -> np.ndarray:
    """The features of a shard, of which only what is read comes into memory."""
    # Asked for numpy's arrays, safetensors copies.
    with safe_open(file, framework="pt") as opened:
        features: np.ndarray = opened.get_tensor(TENSOR).numpy()
    return features
