from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from twins.retrofitting_loop import retrofitted_loop

from components.map_synsets.retrofitting import SWEEPS, retrofitted, retrofitted_rows
from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.synset_vectors import (
    Target,
    TermRow,
    mean_of_terms_rows,
    vocabulary,
)

# retriever - golden retriever, retriever - dog; the artificial root has no terms.
EDGES = [("n3", "n1"), ("n4", "n3"), ("root", "n4"), ("n5", "n6")]
TERMS = {
    "n1": ("golden retriever",),
    "n3": ("retriever",),
    "n4": ("dog", "domestic dog"),
    "n5": ("stone",),
    "n6": ("quartz",),
    "n7": ("lonely",),
}


def fitted(
    wnids: Sequence[str], known: Sequence[str], weight: float
) -> tuple[dict[str, TermRow], dict[str, Target]]:
    vectors = np.eye(len(known), dtype=np.float32)
    words = vocabulary(list(known), vectors, dict.fromkeys(known, 9), 5)
    rows_of = partial(mean_of_terms_rows, words=words)
    taxonomy = Taxonomy(TERMS, EDGES, "test")
    return retrofitted_rows(labels(*wnids), rows_of, len(known), taxonomy, weight)


def labels(*wnids: str) -> dict[str, list[str]]:
    return {wnid: [term.replace(" ", "_") for term in TERMS[wnid]] for wnid in wnids}


def test_two_neighbours_meet_halfway_by_hand() -> None:
    # x = (own_x + y) / 2 and y = (own_y + x) / 2 end at 2/3 and 1/3.
    own = {"x": np.array([1.0, 0.0]), "y": np.array([0.0, 1.0])}
    found = retrofitted(own, ["x", "y"], [("x", "y")], 1.0, 2)
    assert found["x"] == pytest.approx(np.array([2, 1]) / 5**0.5, abs=1e-3)
    assert found["y"] == pytest.approx(np.array([1, 2]) / 5**0.5, abs=1e-3)


@pytest.mark.parametrize("weight", [0.3, 2.0])
def test_the_sweeps_are_those_of_the_plain_loop(weight: float) -> None:
    generator = np.random.default_rng(0)
    wnids = [f"n{number}" for number in range(12)]
    edges = [(wnids[a], wnids[b]) for a, b in generator.integers(0, 11, (14, 2)) if a != b]
    own = {
        wnid: vector / np.linalg.norm(vector)
        for wnid, vector in zip(wnids[2:], generator.standard_normal((10, 4)), strict=True)
    }
    found = retrofitted(own, wnids, edges, weight, 4)
    for wnid, vector in retrofitted_loop(own, wnids, edges, weight, 4, SWEEPS).items():
        assert found[wnid] == pytest.approx(vector, abs=1e-5), wnid


def test_a_label_without_a_vector_gets_that_of_its_neighbours() -> None:
    rows, chosen = fitted(["n1", "n3"], ["retriever", "dog", "stone"], 1.0)
    assert chosen["n1"].source == rows[chosen["n1"].term].source == "neighbours"
    assert rows[chosen["n1"].term].synsets() == ["n1"]
    assert rows[chosen["n1"].term].vector @ rows[chosen["n3"].term].vector > 0.99
    assert chosen["n3"].source == "mean_of_terms"


def test_a_label_that_nothing_leads_to_has_no_vector() -> None:
    rows, chosen = fitted(["n6", "n7"], ["dog"], 1.0)
    assert {target.source for target in chosen.values()} == {"none"}
    assert rows == {}


def test_a_label_outside_the_hierarchy_keeps_its_own_vector() -> None:
    rows, chosen = fitted(["n7"], ["lonely", "dog"], 0.5)
    assert rows[chosen["n7"].term].vector.tolist() == [1.0, 0.0]
