import numpy as np
import pytest
import torch
from twins.dgp_loop import Layers, first_step, loss_of, weights_of

from components.shared.baselines.dgp import Dgp, DgpTraining, Draws, Network, dgp_scorer, fit_dgp
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


def layers_of(network: Network) -> dict[str, np.ndarray]:
    named = network.named_parameters()
    return {name: value.detach().numpy().astype(np.float64) for name, value in named}


def by_node(graph: LabelGraph, inputs: np.ndarray, layers: Layers) -> dict[str, np.ndarray]:
    """Weights of every node, as the twin has them."""
    own = dict(zip(graph.nodes, inputs, strict=True))
    return weights_of(PARENTS, graph.nodes, own, 2, layers)


def test_the_network_agrees_with_propagation_a_node_at_a_time(
    graph: LabelGraph, inputs: np.ndarray
) -> None:
    network = Network(graph, inputs, 7, 4, 3)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for values in network.parameters():
            values.copy_(torch.randn(values.shape, generator=generator))
    upward = np.concatenate([mean.toarray() for mean in graph.above()]).astype(np.float32)
    found = network(torch.from_numpy(upward).to_sparse(), None).detach().numpy()
    wanted = by_node(graph, inputs, layers_of(network))
    assert found == pytest.approx(np.stack([wanted[node] for node in graph.nodes]), abs=1e-5)


def test_untrained_it_predicts_by_the_first_weights(graph: LabelGraph, inputs: np.ndarray) -> None:
    untrained = DgpTraining(hidden=7, steps=0, seed=3)
    found = fit_dgp(graph, inputs, SEEN, classifier(), UNSEEN, untrained)
    wanted = by_node(graph, inputs, layers_of(Network(graph, inputs, 7, 4, 3)))
    assert found.weights == pytest.approx(np.stack([wanted[node] for node in UNSEEN]), abs=1e-5)


def test_a_step_goes_down_the_loss_of_the_loop(
    graph: LabelGraph, inputs: np.ndarray, capsys: pytest.CaptureFixture[str]
) -> None:
    training = DgpTraining(
        hidden=7, steps=1, learning_rate=0.01, weight_decay=0.1, dropout=0.0, seed=3
    )
    found = fit_dgp(graph, inputs, SEEN, classifier(), graph.nodes, training)
    wanted = dict(zip(SEEN, classifier(), strict=True))

    def loss(layers: Layers) -> float:
        return loss_of(by_node(graph, inputs, layers), wanted)

    first = layers_of(Network(graph, inputs, 7, 4, 3))
    assert f"loss {loss(first):.4f}" in capsys.readouterr().out
    after = by_node(graph, inputs, first_step(loss, first, 0.01, 0.1))
    assert found.weights == pytest.approx(np.stack([after[n] for n in graph.nodes]), abs=1e-5)


@pytest.mark.parametrize("dropout", [0.1, 0.5])
def test_dropout_leaves_out_its_share_and_keeps_the_mean(dropout: float) -> None:
    drawn = Draws(dropout, torch.Generator().manual_seed(0)).of((200, 300))
    assert drawn.unique().tolist() == pytest.approx([0, 1 / (1 - dropout)])
    deviation = (dropout / (1 - dropout) / drawn.numel()) ** 0.5
    assert drawn.mean().item() == pytest.approx(1, abs=4 * deviation)


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
