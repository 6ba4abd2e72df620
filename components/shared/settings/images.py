"""Settings of pack_images and prepare_images."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from components.shared.settings.parameter import STRICT, Each, address, from_open_run, setting
from components.shared.settings.run import SEED
from components.shared.wnids import WNID

Wnid = Annotated[str, StringConstraints(pattern=f"^{WNID}$")]
Split = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$")]
Wnids = Annotated[tuple[Wnid, ...], Each]
Splits = Annotated[tuple[Split, ...], Each]


class ImagesSettings(BaseModel):
    """Which images to pack, into which splits, and how."""

    model_config = STRICT

    uri: str = address(
        "",
        "Folder or s3:// prefix with images in folders, tars or parquet: see the README.",
        required=True,
    )
    classes: Wnids = setting((), "Only these classes (wnids); empty: all.")
    unseen: Wnids = setting(
        (),
        "Classes (wnids) held out of all training: zero-shot; besides those that have images only "
        "in splits for zero-shot tests.",
    )
    held_out_splits: Splits = setting(
        ("val",),
        "The source's splits that give validation and test images of seen classes.",
        required=True,
    )
    zero_shot_splits: Splits = setting(
        ("val",), "The source's splits that give test images of unseen classes.", required=True
    )
    validation_share: float = setting(
        0.1, "Share of the held-out images of seen classes that choices are made on.", 0.01, 0.99
    )
    per_class: int = setting(0, "First images, by path, of a class and split; 0: all.", 0)
    zero_shot_per_class: int = setting(
        0,
        "First images, by path, of an unseen class and split, where zero-shot tests alone shall "
        "have fewer than images_per_class gives; 0: no fewer.",
        0,
    )
    ground_truth_uri: str = address(
        "",
        "List of the classes of a split without class folders, such as ILSVRC's validation, or of "
        "the wnids of a parquet's numbered classes.",
    )
    leave_out_duplicates: bool = setting(
        False, "Whether test images that are also training images, byte for byte, are left out."
    )
    store_uri: str = address(
        "",
        "Where packed images are kept: a folder or s3://; empty: in the run's folder on one "
        "machine.",
        "written",
    )
    short_side: int = setting(256, "Larger images are scaled to this short side.", 16, 4096)
    quality: int = setting(90, "JPEG quality of what is encoded again.", 1, 100)
    shard_megabytes: int = setting(256, "Size of a shard, millions of bytes.", 1, 4096)
    parts: int = setting(
        1, "Tasks that read and pack the images side by side, each its share of them.", 1, 1000
    )
    seed: int = SEED
    part: int = from_open_run(0, "Which of the parts a task packs, from 0 on.")
    sources: dict[str, str] = from_open_run({}, "State of what is read, by address.")
