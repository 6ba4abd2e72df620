"""What folds that are put together do not have in common: code, labels, rows and figures."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from components.shared.artifacts.model_names import name_of

Folders = Mapping[int, Path]
"""The folder of each fold, of its run or of what was kept of it, by its number."""


def differences(folders: Folders) -> list[str]:
    """Return a sentence of code that is not the same in all folds, and one of what a fold lacks.

    Args:
        folders: The folds that are put together.

    Returns:
        The sentences, none where there is nothing to say.
    """
    return [text for text in (_of_code(folders), _of_what_is_left_out(folders)) if text]


def _of_code(folders: Folders) -> str:
    versions = [_versions(folder) for folder in folders.values()]
    stages = dict.fromkeys(stage for found in versions for stage in found)
    differing = [stage for stage in stages if len({found.get(stage) for found in versions}) > 1]
    listed = ", ".join(f"`{stage}`" for stage in differing)
    return f"Not all of these folds have the same code of {listed}." if differing else ""


def _versions(folder: Path) -> dict[str, frozenset[str]]:
    """The versions of the code of each stage; a task is called by its stage and what it is for."""
    tasks = json.loads((folder / "run.json").read_text())["tasks"]
    found: dict[str, frozenset[str]] = {}
    for task in tasks:
        stage = task["task"].partition("-")[0]
        found[stage] = found.get(stage, frozenset()) | {task["code_version"]}
    return found


def _of_what_is_left_out(folders: Folders) -> str:
    metrics = {
        number: json.loads((folder / "metrics.json").read_text())
        for number, folder in folders.items()
    }
    lacking = _lacking(metrics)
    listed = "; ".join(
        f"{what} (fold{'s' * (len(folds) > 1)} {', '.join(map(str, folds))})"
        for what, folds in lacking.items()
    )
    return f"The tables leave out what a fold lacks: {listed}." if lacking else ""


def _lacking(metrics: Mapping[int, Mapping[str, float]]) -> dict[str, list[int]]:
    """Which folds lack what another has.

    Args:
        metrics: Content of each fold's metrics.json.
    """
    names = {number: _names(found) for number, found in metrics.items()}
    every = set[tuple[str, ...]]().union(*names.values())
    lacking: dict[str, list[int]] = {}
    for number, own in names.items():
        for what in dict.fromkeys(_named(sorted(every - own), own)):
            lacking.setdefault(what, []).append(number)
    return lacking


def _names(metrics: Mapping[str, float]) -> set[tuple[str, ...]]:
    """Model, candidate set and metric of each figure that stands in a table."""
    return {tuple(name.split("/")) for name in metrics if name.count("/") == 2}


def _named(missing: list[tuple[str, ...]], own: set[tuple[str, ...]]) -> Iterator[str]:
    """Name figures that a fold lacks by the whole that it has nothing of, where there is one."""
    models, sets, metrics = ({name[place] for name in own} for place in range(3))
    for model, candidates, metric in missing:
        if candidates not in sets:
            yield f"the labels `{candidates}`"
        elif model not in models:
            yield f"the row {name_of(model)}"
        elif metric not in metrics:
            yield f"`{metric}`"
        else:
            yield f"`{metric}` of {name_of(model)}"
