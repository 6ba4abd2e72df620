"""Some of a run's own images, out of what it packed, for who has no photo at hand."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from components.shared.images.shards import REMAKE, image_checksum
from components.shared.storage import store
from pipeline.model import is_in_mlflow

if TYPE_CHECKING:
    from components.shared.ranking.labeller import Labeller

INDEX = "index.parquet"
SHOWN_OF_EACH_ROLE = 6
PLACE = ["shard", "offset", "length", "checksum"]


@dataclass(frozen=True)
class ExampleImage:
    """An image that no training has seen.

    Attributes:
        path: Inside the run's images.
        wnid: What it shows.
        seen: Whether other images of its class were trained on.
        shard: Address of the file that it is packed in.
        offset: Of its first byte there.
        length: Bytes.
        checksum: Of them; empty: it is not known.
    """

    path: str
    wnid: str
    seen: bool
    shard: str
    offset: int
    length: int
    checksum: str

    def read(self) -> bytes:
        """The encoded image.

        Raises:
            ValueError: Its shard is missing, or damaged where the image lies.
        """
        # The image alone: the whole shard may be large, and lie elsewhere.
        data = store.read_range(self.shard, self.offset, self.length)
        if self.checksum and image_checksum(data) != self.checksum:
            raise ValueError(
                f"The shard {self.shard} is damaged, its image {self.path} is not the one that was "
                f"packed: delete it and {REMAKE}."
            )
        return data


def example_images(run: Path) -> list[ExampleImage]:
    """Return an image of each class, those that were trained on first, then the others.

    Of the seen they are validation images, where there are any; of the unseen all are test images.

    Args:
        run: Its folder; one without an index of images has no examples.
    """
    if not (run / INDEX).is_file():
        return []
    index = pd.read_parquet(run / INDEX, columns=["path", "wnid", "split", "seen", *PLACE])
    held_out = index[index["split"] != "train"].sort_values("split", ascending=False, kind="stable")
    first = held_out.drop_duplicates("wnid").sort_values(["seen", "wnid"], ascending=[False, True])
    rows = first[["path", "wnid", "seen", *PLACE]].itertuples(index=False)
    return [
        ExampleImage(path, wnid, bool(seen), shard, int(offset), int(length), checksum)
        for path, wnid, seen, shard, offset, length, checksum in rows
    ]


def examples_beside(address: str, model: "Labeller") -> list[ExampleImage]:
    """Return examples for who looks at a model: of the run that it lies in, a few of either role.

    Args:
        address: Of the model, as it was named; a model in MLflow lies in no run's folder.
        model: Its labels are those that examples may show.
    """
    if is_in_mlflow(address):
        return []
    places = Path(address), Path(address).parent
    found = next(filter(None, map(example_images, places)), [])
    found = [image for image in found if image.wnid in model.terms]
    roles = ([image for image in found if image.seen == seen] for seen in (True, False))
    return [image for role in roles for image in _spread(role)]


def _spread(images: list[ExampleImage]) -> list[ExampleImage]:
    """A few, evenly over the classes: neighbours there are often of one kind."""
    return images[:: max(1, -(-len(images) // SHOWN_OF_EACH_ROLE))]
