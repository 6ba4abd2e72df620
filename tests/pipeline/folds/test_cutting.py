import pytest

from components.shared.settings.presets import PRESETS
from components.shared.settings.tiny_imagenet_folds import TINY_IMAGENET_FOLDS
from pipeline.folds.cutting import cut_classes

CLASSES = [f"n{number:08d}" for number in range(11)]


def test_every_class_is_in_one_fold_and_sizes_differ_by_one_at_most() -> None:
    cut = cut_classes(CLASSES, 4, 7)
    assert sorted(wnid for group in cut.folds for wnid in group) == CLASSES
    assert sorted(map(len, cut.folds)) == [2, 3, 3, 3]
    assert all(list(group) == sorted(group) for group in cut.folds)


def test_the_seed_alone_decides_whatever_the_order_of_the_classes() -> None:
    assert cut_classes(CLASSES, 4, 7) == cut_classes(CLASSES[::-1], 4, 7)
    assert cut_classes(CLASSES, 4, 7) != cut_classes(CLASSES, 4, 8)


def test_a_given_first_fold_stays_and_the_others_are_cut_from_the_rest() -> None:
    cut = cut_classes(CLASSES, 3, 0, first=CLASSES[2:5])
    assert list(cut.folds[0]) == CLASSES[2:5]
    assert list(map(len, cut.folds)) == [3, 4, 4]


def test_the_list_of_tiny_imagenet_is_what_the_cut_makes_and_its_first_the_presets_unseen() -> None:
    first, *others = TINY_IMAGENET_FOLDS.folds
    classes = [*first, *(wnid for group in others for wnid in group)]
    assert cut_classes(classes, 5, TINY_IMAGENET_FOLDS.seed, first) == TINY_IMAGENET_FOLDS
    assert (len(set(classes)), TINY_IMAGENET_FOLDS.seed) == (200, 2013)
    assert PRESETS["tiny_imagenet"]["images_unseen"] == list(first)
    assert [len(group) for group in TINY_IMAGENET_FOLDS.folds] == [40] * 5


@pytest.mark.parametrize(
    ("number", "first", "message"),
    [
        (12, [], "11 classes, beside the first fold's 0, cannot be cut into 12 folds"),
        (1, [], "give from 2 folds"),
        (2, CLASSES, "0 classes, beside the first fold's 11, cannot be cut into 1 folds"),
        (2, ["n09999999"], "The first fold has n09999999, which is none of the classes"),
    ],
)
def test_what_cannot_be_cut_is_refused(number: int, first: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        cut_classes(CLASSES, number, 0, first)


def test_what_is_no_wnid_is_no_class() -> None:
    with pytest.raises(ValueError, match="'shark' is no wnid such as"):
        cut_classes([*CLASSES, "shark"], 2, 0)
