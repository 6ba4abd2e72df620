from dataclasses import replace
from typing import Any

import pytest
from support.settings import changed, unchecked

from components.prepare_images.listing import Listing, Source
from components.prepare_images.splits import assign
from components.shared.settings.images import ImagesSettings

CONFIG = unchecked(ImagesSettings, uri="images", unseen=["n3"], validation_share=0.3)


def listing(*missing: str) -> Listing:
    paths = [
        f"{split}/n{wnid}/{number}.jpg"
        for split in ("train", "val")
        for wnid in (1, 2, 3)
        for number in range(20)
    ]
    kept = [Source(path, path) for path in sorted(paths) if not path.startswith(missing)]
    return Listing(kept, [], {"n1", "n2", "n3"})


def splits(**changes: Any) -> dict[str, str]:
    assigned = assign(changed(CONFIG, **changes), listing())
    return {image.source.path: image.split for image in assigned}


def test_each_image_has_the_split_that_its_class_and_folder_give() -> None:
    chosen = splits()
    assert chosen["train/n1/0.jpg"] == "train"
    assert not [path for path in chosen if path.startswith("train/n3")]
    assert {chosen[f"val/n3/{number}.jpg"] for number in range(20)} == {"test"}
    held_out = [chosen[f"val/n{wnid}/{number}.jpg"] for wnid in (1, 2) for number in range(20)]
    assert set(held_out) == {"validation", "test"}


def test_the_order_is_by_split_then_by_path() -> None:
    assigned = assign(CONFIG, listing())
    order = ["train", "validation", "test"]
    keys = [(order.index(image.split), image.source.path) for image in assigned]
    assert keys == sorted(keys)


def test_validation_or_test_depends_on_seed_and_path_alone() -> None:
    assert splits() == splits(per_class=0)
    assert splits(seed=1) != splits(seed=2)
    slice_of_them = splits(per_class=15)
    assert all(splits()[path] == split for path, split in slice_of_them.items())


def test_only_the_classes_named_are_used() -> None:
    chosen = splits(classes=["n1", "n3"])
    assert {path.split("/")[1] for path in chosen} == {"n1", "n3"}


def test_the_first_images_of_each_class_and_split_by_path_are_used() -> None:
    chosen = splits(per_class=8)
    kept = ["0", "1", "10", "11", "12", "13", "14", "15"]
    assert [path for path in chosen if "train/n1" in path] == [f"train/n1/{n}.jpg" for n in kept]
    assert len([path for path in chosen if path.startswith("val/n3")]) == 8


def test_a_limit_for_zero_shot_images_leaves_those_of_seen_classes_alone() -> None:
    chosen, limited = splits(), splits(zero_shot_per_class=3)
    of_unseen = [path for path in chosen if path.startswith("val/n3")]
    assert limited == {path: part for path, part in chosen.items() if path not in of_unseen[3:]}
    both = splits(per_class=2, zero_shot_per_class=3)
    assert len([path for path in both if path.startswith("val/n3")]) == 2, "the smaller holds"


def test_unseen_images_may_come_from_the_train_folder() -> None:
    chosen = splits(zero_shot_splits=["train"])
    assert {chosen[f"train/n3/{number}.jpg"] for number in range(20)} == {"test"}
    assert not [path for path in chosen if path.startswith("val/n3")]


@pytest.mark.parametrize(
    ("changes", "missing", "message"),
    [
        ({"classes": ["n1", "n9"]}, (), "class n9 has no image in train of images: add some, or"),
        ({"unseen": ["n8"]}, (), "class n8 has no image in val of images.*out of images_unseen"),
        ({}, ("train/n2",), "class n2 has no image in train"),
        ({}, ("val/n2",), "class n2 has no image in val"),
        ({}, ("val/n3",), "class n3 has no image in val"),
        ({"held_out_splits": ["valid"]}, (), "class n1 has no image in valid"),
        ({"held_out_splits": ["train"]}, (), "images_held_out_splits names 'train'"),
        ({"unseen": ["n1", "n2", "n3"]}, (), "images_unseen holds out every class"),
        ({"validation_share": 1.0}, (), "images_validation_share 1.0 leaves no test image"),
        ({"validation_share": 0.0}, (), "images_validation_share 0.0 leaves no validation image"),
    ],
)
def test_what_cannot_be_split_is_refused(
    changes: dict[str, Any], missing: tuple[str, ...], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        assign(changed(CONFIG, **changes), listing(*missing))


def test_an_unknown_split_folder_is_refused() -> None:
    there = listing()
    there = replace(there, images=[*there.images, Source("extra/n1/a.jpg", "a")])
    with pytest.raises(ValueError, match=r"extra/n1/a\.jpg is in the split 'extra', none of \['tr"):
        assign(CONFIG, there)


def test_images_without_a_training_split_are_told_which_splits_there_are() -> None:
    there = listing("train")
    there = replace(there, images=[*there.images, Source("trn/n1/a.jpg", "a")])
    with pytest.raises(ValueError, match=r"no split 'train', only 'trn', 'val': give the folder"):
        assign(CONFIG, there)


def test_an_empty_class_folder_is_refused() -> None:
    there = listing()
    there = replace(there, wnids={*there.wnids, "n4"})
    with pytest.raises(ValueError, match="class n4 has no image in train"):
        assign(CONFIG, there)
