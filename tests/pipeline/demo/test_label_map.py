from pathlib import Path

import numpy as np
import pytest

from components.shared.ranking.labeller import Labeller
from pipeline.demo import label_map as module
from pipeline.demo.label_map import LabelMap, label_map
from pipeline.model import load_model


@pytest.fixture(scope="module")
def model(model_run: Path) -> Labeller:
    return load_model(model_run)


def test_labels_with_a_vector_have_a_place_each(model: Labeller) -> None:
    found = label_map(model)
    assert found.wnids == ("n00000002", "n00000003", "n00000004", "n00000005", "n00000006")
    assert found.places.shape == (5, 2)
    assert found.of == 5


def test_of_many_labels_some_are_drawn(model: Labeller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_LABELS", 4)
    found = label_map(model)
    assert (len(found.wnids), found.of) == (4, 5)


def test_too_few_labels_have_no_map_and_no_place(
    model: Labeller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_LABELS", 3)
    found = label_map(model)
    assert found.wnids == ()
    assert found.place(model.space.vectors[:1]) == []


def test_a_point_stands_among_its_nearest_labels_the_nearer_the_more() -> None:
    places = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    drawn = LabelMap(("a", "b", "c"), places, np.eye(3, dtype="f4"), 3)
    ((x, y),) = drawn.place(np.array([[0.0, 1.0, 0.0]]))
    assert x == pytest.approx(1, abs=1e-3)
    assert y == pytest.approx(0, abs=1e-3)
    ((x, y),) = drawn.place(np.array([[0.0, 0.7071, 0.7071]]))
    assert x == y == pytest.approx(0.5, abs=1e-3)
