"""Which classes DeViSE takes for which, as the table of confusions on the page of a KFP run.

KFP draws such a table from the metadata of an artifact, every class a row and a column 700 pixels
wide together: with more than a few dozen nothing in it can be read. So it holds at most `CLASSES`
classes, those of the pairs that are confused most. All others share one more row and column, and an
image that has neither its class nor its label among those shown is left out and counted.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from components.draw_report.data import ReportData
from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.evaluation import DEVISE
from components.shared.storage.atomic import write_json

Taken = Mapping[tuple[str, str | None], int]
"""Test images of the seen classes by their class and their first label, None without one."""

CLASSES = 20
"""Classes that the table has rows of their own for."""

OTHERS = "any other class"
"""The row and column of the classes that are not shown, where there are any."""


@dataclass(frozen=True)
class Pair:
    """Images of one class whose first label is that of another.

    Attributes:
        truth: wnid of the class.
        taken_for: wnid of the label.
        images: How many there are.
    """

    truth: str
    taken_for: str
    images: int


@dataclass(frozen=True)
class Confusion:
    """The table.

    Attributes:
        categories: Names of the rows, which are those of the columns too; no two are the same.
        matrix: int [categories, categories], images of the row's class whose first label is the
            column's.
        left_out: Test images of the seen classes that are in no cell.
    """

    categories: Sequence[str]
    matrix: Sequence[Sequence[int]]
    left_out: int


def confused_pairs(data: ReportData) -> list[Pair]:
    """Return the classes that the final DeViSE model confuses, the most frequent pair first.

    Ties are in the order of the wnids. Counted are the first labels of the test images of the seen
    classes, among the seen labels.
    """
    return _confused(_taken(data))


def confusion_of(data: ReportData) -> Confusion:
    """Return the table of the final DeViSE model on the test images of the seen classes.

    Its classes are in the order of the pairs, so that those confused most stand side by side; where
    there is room the others follow by name.
    """
    taken = _taken(data)
    rest = sorted(data.candidates(SEEN).members, key=lambda wnid: (data.names[wnid], wnid))
    pairs = [wnid for pair in _confused(taken) for wnid in (pair.truth, pair.taken_for)]
    shown = list(dict.fromkeys([*pairs, *rest]))[:CLASSES]
    matrix = _counts(taken, shown)
    left_out = int(matrix[-1, -1])
    matrix[-1, -1] = 0
    if not (matrix[-1].any() or matrix[:, -1].any()):
        return Confusion(_names(data, shown), matrix[:-1, :-1].tolist(), left_out)
    return Confusion([*_names(data, shown), OTHERS], matrix.tolist(), left_out)


def write_confusion(confusion: Confusion, file: Path) -> None:
    """Write the table, for `publish` and for anyone to read."""
    write_json(file, asdict(confusion))


def publish(file: Path, log: Callable[[Sequence[str], Sequence[Sequence[int]]], None]) -> None:
    """Hand a written table on to the page of the run, also one that was finished before.

    Args:
        file: Of `write_confusion`.
        log: Takes the categories and the matrix.
    """
    written = json.loads(file.read_text(encoding="utf-8"))
    log(written["categories"], written["matrix"])


def _taken(data: ReportData) -> Taken:
    truth = data.frame["wnid"][data.candidates(SEEN).images].tolist()
    return Counter(zip(truth, data.answers[DEVISE, SEEN][:, 0].tolist(), strict=True))


def _confused(taken: Taken) -> list[Pair]:
    pairs = [
        Pair(truth, first, images)
        for (truth, first), images in taken.items()
        if first is not None and first != truth
    ]
    return sorted(pairs, key=lambda pair: (-pair.images, pair.truth, pair.taken_for))


def _counts(taken: Taken, shown: Sequence[str]) -> np.ndarray:
    """Count images, int [shown + 1, shown + 1]; the last row and column are of all others."""
    place = {wnid: number for number, wnid in enumerate(shown)}
    counts = np.zeros((len(shown) + 1, len(shown) + 1), dtype=int)
    for (truth, first), images in taken.items():
        counts[place.get(truth, -1), place.get(first or "", -1)] += images
    return counts


def _names(data: ReportData, shown: Sequence[str]) -> list[str]:
    """Return what the classes are called, with the wnid where two are called the same."""
    named = Counter([OTHERS, *(data.names[wnid] for wnid in shown)])
    return [
        f"{data.names[wnid]} [{wnid}]" if named[data.names[wnid]] > 1 else data.names[wnid]
        for wnid in shown
    ]
