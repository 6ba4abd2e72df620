"""Parameters of prepare_images."""

from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class ImagesConfig:
    """Which images to pack, into which splits, and how.

    Attributes:
        uri: folder or s3:// prefix with images in folders, tars or parquet files; see `sources`.
        classes: wnids to use; empty: all that are there.
        unseen: wnids held out of all training (zero-shot), besides those that have images only
            in splits for zero-shot tests.
        held_out_splits: the source's splits that give validation and test images of seen classes.
        zero_shot_splits: the source's splits that give test images of unseen classes.
        validation_share: share of the held-out images that goes to validation.
        per_class: first images, by path, of each class and source split; 0: all.
        ground_truth_uri: classes of images in no class folder; see `ground_truth`.
        leave_out_duplicates: whether test images that are training images too are left out.
        store_uri: folder or s3:// prefix that the shards are kept in.
        short_side: larger images are scaled to this short side, pixels.
        quality: JPEG quality, 1..100, of what is encoded again.
        shard_megabytes: size of a shard, in millions of bytes.
        seed: with an image's path decides between validation and test.
    """

    prefix: ClassVar[str] = "images"

    uri: str = ""
    classes: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    held_out_splits: list[str] = field(default_factory=lambda: ["val"])
    zero_shot_splits: list[str] = field(default_factory=lambda: ["val"])
    validation_share: float = 0.1
    per_class: int = 0
    ground_truth_uri: str = ""
    leave_out_duplicates: bool = False
    store_uri: str = ""
    short_side: int = 256
    quality: int = 90
    shard_megabytes: int = 256
    seed: int = 0
