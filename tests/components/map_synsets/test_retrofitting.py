import numpy as np
import pytest
from twins.retrofitting_loop import retrofitted_loop

from components.map_synsets.retrofitting import SWEEPS, retrofitted, retrofitted_rows
from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.synset_vectors import Vocabulary, vocabulary

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


def words(*known: str) -> Vocabulary:
    vectors = np.eye(len(known), dtype=np.float32)
    return vocabulary(list(known), vectors, dict.fromkeys(known, 9), 5)


def labels(*wnids: str) -> dict[str, list[str]]:
    return {wnid: [term.replace(" ", "_") for term in TERMS[wnid]] for wnid in wnids}


def test_two_neighbours_meet_halfway_by_hand() -> None:
    # x = (own_x + y) / 2 and y = (own_y + x) / 2 end at 2/3 and 1/3.
    own = {"x": np.array([1.0, 0.0]), "y": np.array([0.0, 1.0])}
    fitted = retrofitted(own, ["x", "y"], [("x", "y")], 1.0, 2)
    assert fitted["x"] == pytest.approx(np.array([2, 1]) / 5**0.5, abs=1e-3)
    assert fitted["y"] == pytest.approx(np.array([1, 2]) / 5**0.5, abs=1e-3)


@pytest.mark.parametrize("weight", [0.3, 2.0])
def test_the_sweeps_are_those_of_the_plain_loop(weight: float) -> None:
    generator = np.random.default_rng(0)
    wnids = [f"n{number}" for number in range(12)]
    edges = [(wnids[a], wnids[b]) for a, b in generator.integers(0, 11, (14, 2)) if a != b]
    own = {
        wnid: vector / np.linalg.norm(vector)
        for wnid, vector in zip(wnids[2:], generator.standard_normal((10, 4)), strict=True)
    }
    fitted = retrofitted(own, wnids, edges, weight, 4)
    for wnid, vector in retrofitted_loop(own, wnids, edges, weight, 4, SWEEPS).items():
        assert fitted[wnid] == pytest.approx(vector, abs=1e-5), wnid


def test_a_label_without_a_vector_gets_that_of_its_neighbours() -> None:
    known = words("retriever", "dog", "stone")
    rows, chosen = retrofitted_rows(labels("n1", "n3"), known, Taxonomy(TERMS, EDGES, "test"), 1.0)
    assert chosen["n1"].source == rows[chosen["n1"].term].source == "neighbours"
    assert rows[chosen["n1"].term].synsets() == ["n1"]
    assert rows[chosen["n1"].term].vector @ rows[chosen["n3"].term].vector > 0.99
    assert chosen["n3"].source == "mean_of_terms"


def test_a_label_that_nothing_leads_to_has_no_vector() -> None:
    rows, chosen = retrofitted_rows(labels("n6", "n7"), words("dog"), Taxonomy(TERMS, EDGES, ""), 1)
    assert {target.source for target in chosen.values()} == {"none"}
    assert rows == {}


def test_a_label_outside_the_hierarchy_keeps_its_own_vector() -> None:
    known = words("lonely", "dog")
    rows, chosen = retrofitted_rows(labels("n7"), known, Taxonomy(TERMS, EDGES, "test"), 0.5)
    assert rows[chosen["n7"].term].vector.tolist() == [1.0, 0.0]
