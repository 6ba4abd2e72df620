from pathlib import Path

import pytest

from components.shared.settings.class_folds import ClassFolds
from components.shared.settings.tiny_imagenet_folds import TINY_IMAGENET_FOLDS
from pipeline.folds.cutting import cut_classes
from pipeline.folds.repeating import fold_repeats, folds_of, keep_list

FOLDS = cut_classes([f"n{number:08d}" for number in range(10)], 5, 0)


def test_in_each_fold_its_group_is_unseen_and_every_third_shares_its_draws() -> None:
    repeats = fold_repeats(FOLDS, [0, 2, 4, 3], ["visual_epochs"])
    assert list(repeats.differing) == [0, 2, 4, 3]
    for number, differing in repeats.differing.items():
        assert differing["images_unseen"] == list(FOLDS.folds[number])
        assert differing["training_seed"] == differing["skipgram_draw"] == number % 3


def test_the_list_is_the_files_or_the_presets(tmp_path: Path) -> None:
    assert folds_of("tiny_imagenet", None) is TINY_IMAGENET_FOLDS
    (tmp_path / "list.json").write_text(FOLDS.model_dump_json())
    assert folds_of("tiny_imagenet", tmp_path / "list.json") == FOLDS
    with pytest.raises(ValueError, match="The preset 'paper' has no folds of its own"):
        folds_of("paper", None)


def test_a_folder_keeps_the_list_and_takes_no_other(tmp_path: Path) -> None:
    keep_list(tmp_path, FOLDS)
    keep_list(tmp_path, FOLDS)
    assert folds_of("", tmp_path / "folds.json") == FOLDS
    with pytest.raises(ValueError, match=r"folds\.json is another list than this run's"):
        keep_list(tmp_path, ClassFolds(seed=1, folds=FOLDS.folds))


def test_folds_that_are_not_there_and_settings_that_differ_anyway_are_refused() -> None:
    with pytest.raises(ValueError, match="names 5, but the list has folds 0 to 4 alone"):
        fold_repeats(FOLDS, [4, 5], [])
    with pytest.raises(ValueError, match="images_unseen is what runs of --folds differ in"):
        fold_repeats(FOLDS, [0], ["images_unseen", "seed"])
