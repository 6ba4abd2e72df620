import numpy as np
import pytest
import torch
from twins.dgp_loop import weights_of

from components.shared.baselines.dgp import Dgp, DgpTraining, Network, dgp_scorer, fit_dgp
from components.shared.baselines.label_graph import LabelGraph, graph_above, node_inputs

IS_A = [
    ("top", "animal"), ("animal", "dog"), ("animal", "cat"), ("dog", "poodle"), ("dog", "beagle"),
    ("cat", "siamese"), ("cat", "persian"), ("top", "thing"), ("thing", "car"), ("thing", "truck"),
]  # fmt: skip
SEEN, UNSEEN = ["beagle", "car", "persian", "poodle"], ["siamese", "truck"]
PARENTS: dict[str, list[str]] = {}
for parent, child in IS_A:
    PARENTS.setdefault(child, []).append(parent)


@pytest.fixture(scope="module")
def graph() -> LabelGraph:
    return graph_above(IS_A, [*SEEN, *UNSEEN], 2)


@pytest.fixture(scope="module")
def inputs(graph: LabelGraph) -> np.ndarray:
    generator = np.random.default_rng(0)
    return node_inputs(graph, {node: generator.standard_normal(5) for node in graph.nodes}, 5)


def classifier() -> np.ndarray:
    """Weights and bias: the animals' are alike, and those of cars others."""
    rows = {"beagle": [2, 0, 1, 0], "poodle": [4, 1, 2, 0], "persian": [2, 1, 0, 0]}
    return np.array([rows.get(wnid, [0, 0, -1, 3]) for wnid in SEEN], np.float32)


def test_the_network_agrees_with_propagation_a_node_at_a_time(
    graph: LabelGraph, inputs: np.ndarray
) -> None:
    untrained = DgpTraining(hidden=7, steps=0, seed=3)
    found = fit_dgp(graph, inputs, SEEN, classifier(), graph.nodes, untrained)
    network = Network(graph, inputs, 7, 4, 3)
    layers = {name: value.detach().numpy() for name, value in network.named_parameters()}
    by_node = dict(zip(graph.nodes, inputs, strict=True))
    wanted = weights_of(PARENTS, graph.nodes, by_node, 2, layers)
    assert found.weights == pytest.approx(np.stack([wanted[n] for n in graph.nodes]), abs=1e-5)


def test_it_learns_the_seen_weights_and_carries_them_to_labels_near_by(
    graph: LabelGraph, inputs: np.ndarray
) -> None:
    training = DgpTraining(hidden=32, steps=150, learning_rate=0.01, dropout=0.1, weight_decay=0.0)
    found = fit_dgp(graph, inputs, SEEN, classifier(), [*SEEN, *UNSEEN], training)
    wanted = classifier() / np.linalg.norm(classifier(), axis=1, keepdims=True)
    assert found.weights[:4] == pytest.approx(wanted, abs=0.1)
    siamese, truck = found.weights[4:]
    assert siamese @ wanted[2] > siamese @ wanted[1]
    assert truck @ wanted[1] > truck @ wanted[2]


def test_the_same_seed_gives_the_same_weights(graph: LabelGraph, inputs: np.ndarray) -> None:
    def fitted(seed: int) -> np.ndarray:
        training = DgpTraining(hidden=8, steps=5, seed=seed)
        return fit_dgp(graph, inputs, SEEN, classifier(), UNSEEN, training).weights

    assert (fitted(1) == fitted(1)).all()
    assert (fitted(1) != fitted(2)).any()


def test_labels_are_ranked_by_their_weights_and_bias() -> None:
    dgp = Dgp(("b", "a", "c"), np.array([[1, 0, 0], [0, 1, 0], [0, 0, 0.5]], np.float32))
    found = dgp_scorer(dgp, ["a", "b", "c", "of no graph"])(torch.tensor([[0.7, 0.2], [0.1, 0.1]]))
    assert found.wnids[:, :4].tolist() == [["b", "c", "a", None], ["c", "a", "b", None]]
    assert found.scores[0, :3] == pytest.approx([0.7, 0.5, 0.2])
