"""Folds without their runs: the figures of each, and the scores of each of its images.

A run's folder has gigabytes; this is some megabytes a fold, small enough to stand beside a page
of results, whose every table `results` prints again from it.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from components.shared.artifacts.word_vectors import FACTS_FILE
from components.shared.statistics.scores import METRICS, ImageScores
from components.shared.storage.atomic import write_json, written_aside
from pipeline.folds.scores import (
    CANDIDATES_FILE,
    LABELS_FILE,
    FinishedFold,
    FoldScores,
    candidates_in,
    images_and_truth,
    members_of,
    of_model,
    tests_unseen,
    unique,
)
from pipeline.local.addresses import replaced
from pipeline.local.repeats import FOLD, repeat_folder, repeats_in, write_metrics

SCORES_FILE = "scores.parquet"
"""A row for each candidate set, model and image: what it shows, and the figures of METRICS."""
COPIED = ("metrics.json", CANDIDATES_FILE, LABELS_FILE)
TOLD = ("git_commit", "machine")
"""Of run.json, beside the parameters and the tasks."""
DIFFERING = ("run_name", "images_unseen", "training_seed", "skipgram_draw", "precision")
"""The settings that folds of one command differ in; and precision, which machines differ in."""


def open_fold(folder: Path) -> "FinishedFold | KeptFold":
    """Return a fold, of a run's folder or of what was kept of it.

    Raises:
        ValueError: A file is missing.
    """
    return KeptFold(folder) if (folder / SCORES_FILE).is_file() else FinishedFold(folder)


class KeptFold:
    """What `keep_folds` left of a fold, of which candidate sets are asked for one by one."""

    def __init__(self, folder: Path) -> None:
        """Read which labels were ranked.

        Raises:
            ValueError: A file is missing.
        """
        for name in COPIED:
            if not (folder / name).is_file():
                raise ValueError(f"{folder} has no {name}: keep this fold again, out of its run.")
        self._members = members_of(folder)
        self._rows = folder / SCORES_FILE

    @cached_property
    def candidates(self) -> list[str]:
        """Names of the candidate sets, in their order."""
        return candidates_in(self._rows)

    def scores(self, candidates: str) -> FoldScores:
        """Return the scores on one candidate set, images by path."""
        rows = pq.read_table(self._rows, filters=[("candidates", "==", candidates)])
        models = unique(rows["model"])
        parts = [of_model(rows, model) for model in models]
        images, truth = images_and_truth(parts[0])
        scores = ImageScores(
            candidates,
            tuple(models),
            np.concatenate([_values_in(part) for part in parts], axis=1),
            np.unique(truth, return_inverse=True)[1],
            len(self._members[candidates]),
            tests_unseen(self._members, truth),
        )
        return FoldScores(images, truth, scores)


def keep_folds(output: Path, numbers: Sequence[int], to: Path) -> None:
    """Keep what tables of folds are made of.

    Args:
        output: Folder of the runs of several folds.
        numbers: Of the folds.
        to: Folder to keep it in; folds that are there already stay, but for these.

    Raises:
        ValueError: A file of a fold is missing, or folds of other settings are kept there.
    """
    if to.resolve() == output.resolve():
        raise ValueError(f"{to} is where the runs lie: keep their figures in another folder.")
    runs = {number: repeat_folder(output, FOLD, number) for number in numbers}
    told = {number: _without_places(_told(run)) for number, run in runs.items()}
    there = repeats_in(to, FOLD)
    for number in set(there) - set(numbers):
        _refuse_other_settings(repeat_folder(to, FOLD, number), told[numbers[0]])
    for number, run in runs.items():
        _keep(run, told[number], repeat_folder(to, FOLD, number))
    write_metrics(to, FOLD, sorted({*there, *numbers}))


def _refuse_other_settings(kept: Path, told: Mapping[str, Any]) -> None:
    """Folds of one table have equal settings, but for those that make them folds."""
    values, own = _told(kept)["parameters"], told["parameters"]
    if other := sorted(
        name for name in {*values, *own} - set(DIFFERING) if values.get(name) != own.get(name)
    ):
        raise ValueError(
            f"{kept} was run with another {other[0]} ({values.get(other[0])!r}, here "
            f"{own.get(other[0])!r}): keep these folds in another folder."
        )


def _told(folder: Path) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((folder / "run.json").read_text())
    return told


def _keep(run: Path, told: Mapping[str, Any], folder: Path) -> None:
    fold = open_fold(run)
    folder.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        shutil.copyfile(run / name, folder / name)
    if (run / FACTS_FILE).is_file():
        # Beside it stand hundreds of thousands of labels that the text has not.
        quality = json.loads((run / FACTS_FILE).read_text()).get("quality", {})
        write_json(folder / FACTS_FILE, {"quality": quality})
    write_json(folder / "run.json", told)
    _write_scores(folder / SCORES_FILE, [fold.scores(name) for name in fold.candidates])


def _without_places(told: Mapping[str, Any]) -> dict[str, Any]:
    """What run.json says to those who are elsewhere: of an address the last part alone."""
    parameters = replaced(told["parameters"], lambda address: Path(address).name)
    tasks = [
        {name: task[name] for name in ("task", "seconds", "code_version")} for task in told["tasks"]
    ]
    return {**{name: told[name] for name in TOLD}, "parameters": parameters, "tasks": tasks}


def _write_scores(file: Path, every: Sequence[FoldScores]) -> None:
    table = pa.concat_tables([part for scores in every for part in _tables(scores)])
    with written_aside(file) as half:
        pq.write_table(table, half, compression="zstd", compression_level=19)


def _tables(fold: FoldScores) -> Iterator[pa.Table]:
    scores = fold.scores
    for model in scores.models:
        named = {"candidates": scores.candidates, "model": model}
        columns = {"image": fold.images, "truth": fold.truth}
        figures = dict(zip(METRICS, scores.of(model).T, strict=True))
        yield pa.Table.from_pandas(
            pd.DataFrame(columns | figures).assign(**named), preserve_index=False
        )


def _values_in(rows: pa.Table) -> np.ndarray:
    return np.stack([rows[name].to_numpy() for name in METRICS], axis=1)
