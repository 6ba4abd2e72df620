"""Which classes DeViSE takes for which, as the table of confusions on the page of a KFP run.

KFP draws such a table from the metadata of an artifact, every class a row and a column 700 pixels
wide together: with more than a few dozen nothing in it can be read. So it holds at most `CLASSES`
classes, those of the pairs that are confused most. All others share one more row and column, and an
image that has neither its class nor its label among those shown is left out and counted.
"""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from components.draw_report.data import ReportData
from components.shared.artifacts.candidate_sets import SEEN
from components.shared.artifacts.evaluation import DEVISE
from components.shared.storage.atomic import write_json

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
    wrong = Counter(
        (truth, first) for truth, first in _first_labels(data) if first and first != truth
    )
    ordered = sorted(wrong.items(), key=lambda item: (-item[1], item[0]))
    return [Pair(truth, taken_for, images) for (truth, taken_for), images in ordered]


def confusion_of(data: ReportData) -> Confusion:
    """Return the table of the final DeViSE model on the test images of the seen classes.

    Its classes are in the order of the pairs, so that those confused most stand side by side; where
    there is room the others follow by name.
    """
    rest = sorted(data.candidates(SEEN).members, key=lambda wnid: (data.names[wnid], wnid))
    pairs = [wnid for pair in confused_pairs(data) for wnid in (pair.truth, pair.taken_for)]
    shown = list(dict.fromkeys([*pairs, *rest]))[:CLASSES]
    matrix = _counts(data, shown)
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


def _first_labels(data: ReportData) -> list[tuple[str, str | None]]:
    """Return class and first label of each test image of the seen classes."""
    truth = data.frame["wnid"][data.candidates(SEEN).images].tolist()
    return list(zip(truth, data.answers[DEVISE, SEEN][:, 0].tolist(), strict=True))


def _counts(data: ReportData, shown: Sequence[str]) -> np.ndarray:
    """Count images, int [shown + 1, shown + 1]; the last row and column are of all others."""
    place = {wnid: number for number, wnid in enumerate(shown)}
    counts = np.zeros((len(shown) + 1, len(shown) + 1), dtype=int)
    for truth, first in _first_labels(data):
        counts[place.get(truth, -1), place.get(first or "", -1)] += 1
    return counts


def _names(data: ReportData, shown: Sequence[str]) -> list[str]:
    """Return what the classes are called, with the wnid where two are called the same."""
    named = Counter([OTHERS, *(data.names[wnid] for wnid in shown)])
    return [
        f"{data.names[wnid]} [{wnid}]" if named[data.names[wnid]] > 1 else data.names[wnid]
        for wnid in shown
    ]
