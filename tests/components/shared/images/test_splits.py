import numpy as np
import pytest
from support.settings import changed, unchecked

from components.shared.images.splits import (
    check_known,
    part_of,
    share_of,
    split_named,
    used_splits,
    zero_shot_only,
)
from components.shared.settings.images import ImagesSettings

CONFIG = unchecked(
    ImagesSettings, held_out_splits=["held"], zero_shot_splits=["held", "fall11"],
    validation_share=0.3, seed=0,
)  # fmt: skip
PATH = "val/n01440764/ILSVRC2012_val_00000293.JPEG"


def test_published_names_of_splits_are_translated() -> None:
    assert split_named("ILSVRC2012_img_train", ()) == "train"
    assert split_named("valid", ()) == "val"
    assert split_named("valid", ("valid",)) == "valid"
    assert split_named("mine", ()) == "mine"


@pytest.mark.parametrize("name", ["training", "Training", "Train", "TRAIN"])
def test_the_training_split_is_known_by_several_names(name: str) -> None:
    assert split_named(name, ("train", "val")) == "train"
    assert split_named(name, (name,)) == name


@pytest.mark.parametrize(
    ("seed", "path", "bits"),
    [
        (0, PATH, 0x746F_BFF2_0B6E_9179),
        (1, PATH, 0x6283_E42A_384D_470E),
        (0, "val/é/1.jpg", 0xC984_AF80_E230_A540),
    ],
)
def test_the_share_is_the_first_64_bits_of_the_sha256_of_seed_and_path(
    seed: int, path: str, bits: int
) -> None:
    """As `printf 0:val/... | sha256sum` prints them: whoever has the paths has the same split."""
    assert share_of(seed, path) == bits / 2**64


def test_the_share_is_uniform() -> None:
    shares = np.array([share_of(0, f"val/n1/{number}.jpg") for number in range(5000)])
    assert abs((shares < 0.1).mean() - 0.1) < 0.015
    assert abs(shares.mean() - 0.5) < 0.015


def test_splits_that_no_seen_class_uses_are_there_for_zero_shot_tests() -> None:
    assert used_splits(CONFIG) == {"train", "held", "fall11"}
    assert zero_shot_only(CONFIG) == {"fall11"}
    with pytest.raises(ValueError, match="a/b is in the split 'a', none of"):
        check_known("a/b", used_splits(CONFIG))


@pytest.mark.parametrize(
    ("path", "seen", "part"),
    [
        ("train/n1/a", True, "train"),
        ("train/n1/a", False, ""),
        ("fall11/n1/a", True, ""),
        ("fall11/n1/a", False, "test"),
        ("held/n1/a", False, "test"),
        ("val/n1/a", True, ""),
        ("val/n1/a", False, ""),
    ],
)
def test_split_and_class_say_which_part_an_image_is_in(path: str, seen: bool, part: str) -> None:
    assert part_of(CONFIG, path, seen) == part


def test_an_image_is_a_validation_image_where_its_share_is_less_than_theirs() -> None:
    own = changed(CONFIG, held_out_splits=["val"], validation_share=0.4)
    assert share_of(0, PATH) == pytest.approx(0.4548, abs=1e-4)
    assert part_of(own, PATH, seen=True) == "test"
    assert part_of(changed(own, validation_share=0.46), PATH, seen=True) == "validation"
    assert part_of(changed(own, seed=1), PATH, seen=True) == "validation"


def test_held_out_images_of_seen_classes_are_validation_or_test_images() -> None:
    parts = [part_of(CONFIG, f"held/n1/{number}", seen=True) for number in range(50)]
    assert 5 < parts.count("validation") < 25
    assert set(parts) == {"validation", "test"}
