from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from kfp.dsl import ClassificationMetrics
from twins import confusion_loop

from components.draw_report.confusion import (
    CLASSES,
    OTHERS,
    confused_pairs,
    confusion_of,
    publish,
    write_confusion,
)
from components.draw_report.data import ReportData
from components.shared.artifacts.candidate_sets import CandidateSet


def of_rankings(
    data: ReportData, truth: list[str], first: list[str | None], names: dict[str, str]
) -> ReportData:
    """The data with other seen classes, test images of them and first labels."""
    every = np.ones(len(truth), dtype=bool)
    seen = CandidateSet("seen", "seen", tuple(names), frozenset(names), every)
    rankings = np.array([[label, None] for label in first], dtype=object)
    frame = pd.DataFrame({"wnid": truth})
    return replace(
        data, sets=[seen], frame=frame, names=names, answers={("devise", "seen"): rankings}
    )


def drawn(
    data: ReportData, classes: int, seed: int
) -> tuple[ReportData, list[str], list[str | None]]:
    """Images of so many classes, half of them labelled as a class of a close number."""
    generator = np.random.default_rng(seed)
    wnids = [f"n{number:08}" for number in range(classes)]
    truth = generator.integers(0, classes, 300)
    first = np.where(generator.random(300) < 0.5, truth, truth // 2)
    names = {wnid: f"class {wnid[::-1]}" for wnid in wnids}
    labels = [wnids[one] for one in truth], [wnids[one] for one in first]
    return of_rankings(data, *labels, names), *labels


@pytest.mark.parametrize("classes", [3, CLASSES, CLASSES + 1, 60])
def test_the_table_is_that_of_the_plain_twin(data: ReportData, classes: int) -> None:
    changed, truth, first = drawn(data, classes, seed=classes)
    shown = confusion_loop.shown(truth, first, changed.names, CLASSES)
    matrix, left_out = confusion_loop.table(truth, first, shown)
    found = confusion_of(changed)
    assert list(found.categories)[: len(shown)] == [changed.names[wnid] for wnid in shown]
    size = len(found.categories)
    assert found.matrix == [row[:size] for row in matrix[:size]]
    assert found.left_out == left_out
    assert (size == CLASSES + 1) == (classes > CLASSES)
    assert sum(map(sum, found.matrix)) + left_out == len(truth)


def test_pairs_are_those_of_the_plain_twin_the_most_frequent_first(data: ReportData) -> None:
    changed, truth, first = drawn(data, 30, seed=0)
    found = [(pair.images, pair.truth, pair.taken_for) for pair in confused_pairs(changed)]
    assert found == confusion_loop.pairs(truth, first)


def test_the_table_of_a_run_counts_every_test_image_of_the_seen_classes(data: ReportData) -> None:
    found = confusion_of(data)
    assert sorted(found.categories) == sorted(
        data.names[wnid] for wnid in data.candidates("seen").members
    )
    assert [sum(row) for row in found.matrix] == [5, 5, 5, 5]
    right = sum(found.matrix[number][number] for number in range(4))
    assert right / 20 == pytest.approx(data.metrics["devise/seen/flat_hit_at_1"])


def test_classes_of_one_name_have_rows_of_their_own(data: ReportData) -> None:
    names = {"n1": "crane", "n2": "crane", "n3": OTHERS}
    found = confusion_of(of_rankings(data, ["n1", "n2", "n3"], ["n2", "n2", "n3"], names))
    assert found.categories == ["crane [n1]", "crane [n2]", f"{OTHERS} [n3]"]
    assert found.matrix == [[0, 1, 0], [0, 1, 0], [0, 0, 1]]


def test_an_image_without_any_label_is_among_the_others(data: ReportData) -> None:
    found = confusion_of(of_rankings(data, ["n1", "n1"], ["n1", None], {"n1": "crane"}))
    assert (list(found.categories), found.matrix) == (["crane", OTHERS], [[1, 1], [0, 0]])


def test_kubeflow_is_given_the_table_that_was_written(data: ReportData, tmp_path: Path) -> None:
    artifact = ClassificationMetrics(uri=str(tmp_path / "confusion"))
    found = confusion_of(data)
    write_confusion(found, Path(artifact.path))
    publish(Path(artifact.path), artifact.log_confusion_matrix)
    shown = artifact.metadata["confusionMatrix"]
    assert [one["displayName"] for one in shown["annotationSpecs"]] == found.categories
    assert [row["row"] for row in shown["rows"]] == found.matrix
