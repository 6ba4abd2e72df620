import numpy as np
import pytest
from twins.dgp_loop import hops_up

from components.shared.baselines.label_graph import graph_above, graph_around, node_inputs

IS_A = [("top", "animal"), ("animal", "dog"), ("dog", "poodle"), ("pet", "dog"), ("top", "pet"),
        ("top", "stone"), ("poodle", "toy poodle")]  # fmt: skip
PARENTS: dict[str, list[str]] = {}
for parent, child in IS_A:
    PARENTS.setdefault(child, []).append(parent)


def test_labels_are_linked_with_all_that_they_are() -> None:
    graph = graph_above(IS_A, ["poodle", "animal", "outside"], 2)
    assert graph.nodes == ("animal", "dog", "outside", "pet", "poodle", "top")
    found = {
        (graph.nodes[node], graph.nodes[other]): int(hops) for node, other, hops in graph.links
    }
    wanted = {
        (node, other): min(hops, 2)
        for node in graph.nodes
        for other, hops in hops_up(PARENTS, node).items()
    }
    assert found == wanted
    assert found["poodle", "top"] == 2, "three hops count as the farthest"


def test_means_are_over_the_nodes_at_one_distance() -> None:
    graph = graph_above(IS_A, ["poodle", "stone"], 2)
    poodle, dog, top, *others = graph.rows(["poodle", "dog", "top", "animal", "pet", "stone"])
    above, below = ([mean.toarray() for mean in means] for means in (graph.above(), graph.below()))
    assert len(above) == len(below) == 3
    assert (above[0] == np.eye(6)).all()
    assert above[1][poodle, dog] == 1.0
    # Two hops and more above poodle: animal, pet and top.
    assert above[2][poodle, [*others[:2], top]] == pytest.approx([1 / 3] * 3)
    assert below[1][top, others] == pytest.approx([1 / 3] * 3)
    assert not below[1][poodle].any()


def test_without_a_direction_neighbours_are_linked_both_ways() -> None:
    graph = graph_around(IS_A, ["toy poodle", "outside"])
    assert graph.nodes == ("dog", "outside", "poodle", "toy poodle"), "two hops from a label"
    above, below = graph.above(), graph.below()
    assert all((a.toarray() == b.toarray()).all() for a, b in zip(above, below, strict=True))
    dog, poodle, toy = graph.rows(["dog", "poodle", "toy poodle"])
    assert above[1].toarray()[poodle, [dog, toy]] == pytest.approx([0.5, 0.5])


def test_a_node_without_a_vector_gets_the_mean_of_its_neighbours() -> None:
    graph = graph_above(IS_A, ["poodle", "outside"], 3)
    vectors = {"poodle": np.array([3.0, 0.0]), "pet": np.array([0.0, 2.0]), "x": np.ones(2)}
    inputs = dict(zip(graph.nodes, node_inputs(graph, vectors, 2), strict=True))
    assert inputs["poodle"] == pytest.approx([1, 0])
    assert inputs["dog"] == pytest.approx(np.sqrt([0.5, 0.5]))
    assert inputs["top"] == pytest.approx([0, 1]), "reached in the first sweep, from pet"
    assert inputs["animal"] == pytest.approx(
        (inputs["dog"] + inputs["top"]) / np.linalg.norm(inputs["dog"] + inputs["top"])
    )
    assert inputs["outside"].tolist() == [0, 0]


def test_where_the_vectors_of_neighbours_cancel_the_sweeps_end() -> None:
    is_a = [("p", "a"), ("p", "b"), ("q", "p"), ("r", "q"), ("s", "r"), ("s", "c")]
    vectors = {"a": np.array([1.0, 0.0]), "b": np.array([-1.0, 0.0])}
    graph = graph_above(is_a, ["a", "b", "c"], 3)
    inputs = dict(zip(graph.nodes, node_inputs(graph, vectors, 2), strict=True))
    assert [wnid for wnid, vector in inputs.items() if vector.any()] == ["a", "b"]
    # One that lies further decides for what the two leave undecided.
    further = {**vectors, "c": np.array([0.0, 2.0])}
    inputs = dict(zip(graph.nodes, node_inputs(graph, further, 2), strict=True))
    assert [inputs[wnid].tolist() for wnid in "pqrs"] == [[0, 1]] * 4
