"""A run for each fold: what the runs differ in, and the list that says which classes are meant."""

from collections.abc import Collection, Sequence
from pathlib import Path

from components.shared.settings.class_folds import ClassFolds, read_class_folds
from components.shared.settings.parameter import Value
from components.shared.settings.tiny_imagenet_folds import TINY_IMAGENET_FOLDS
from components.shared.storage.atomic import write_json
from pipeline.local.repeats import FOLD, Repeats

OF_PRESETS = {"tiny_imagenet": TINY_IMAGENET_FOLDS}
FOLDS_FILE = "folds.json"
"""In the folder of all runs: the list that they were made with."""
DRAWS = 3
"""Of the word vectors and the trainings: folds that are so many apart share their vectors."""


def folds_of(preset: str, file: Path | None) -> ClassFolds:
    """Return a fold list: of a file, else the preset's own.

    Raises:
        ValueError: The file is no fold list, or the preset has none and no file was given.
    """
    if file:
        return read_class_folds(file)
    if preset not in OF_PRESETS:
        raise ValueError(
            f"The preset {preset!r} has no folds of its own: make a list with 'pipeline.py folds' "
            "and give it as --fold-list."
        )
    return OF_PRESETS[preset]


def fold_repeats(folds: ClassFolds, numbers: Sequence[int], given: Collection[str]) -> Repeats:
    """Return runs in each of which another group of classes is unseen.

    Args:
        folds: The list.
        numbers: Of the folds to run.
        given: Names of the settings that a person gave.

    Raises:
        ValueError: There is no such fold, or a setting was given that the folds differ in.
    """
    last = len(folds.folds) - 1
    if unknown := [number for number in numbers if number > last]:
        raise ValueError(f"--folds names {unknown[0]}, but the list has folds 0 to {last} alone.")
    repeats = Repeats(FOLD, {number: _differing(folds, number) for number in numbers})
    differing = {name for values in repeats.differing.values() for name in values}
    if both := sorted(differing & set(given)):
        raise ValueError(f"{both[0]} is what runs of --folds differ in: leave it out.")
    return repeats


def _differing(folds: ClassFolds, number: int) -> dict[str, Value]:
    draw = number % DRAWS
    unseen = list(folds.folds[number])
    return {"images_unseen": unseen, "training_seed": draw, "skipgram_draw": draw}


def keep_list(output: Path, folds: ClassFolds) -> None:
    """Leave the list in the folder of all runs.

    Raises:
        ValueError: Runs with another list are there.
    """
    kept = output / FOLDS_FILE
    if kept.is_file() and read_class_folds(kept) != folds:
        raise ValueError(
            f"{kept} is another list than this run's: name another --output, or give that list as "
            "--fold-list."
        )
    write_json(kept, folds.model_dump(mode="json"))
