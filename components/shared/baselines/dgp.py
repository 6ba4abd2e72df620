"""DGP: a graph network over the hierarchy that predicts the weights of a classifier.

Kampffmeyer, Chen, Liang, Wang, Zhang, Xing, "Rethinking Knowledge Graph Propagation for Zero-Shot
Learning", CVPR 2019, section 3. Every node has a word vector. One layer gathers them from what lies
below each node, the next from what lies above it, and links of 0, 1, ... K hops have learned
weights, a softmax of one number a distance and layer ("distance weighting scheme"):

    H = sum_k a_k D_k^-1 A_k leaky_relu(sum_k b_k D_k^-1 B_k X Theta_b) Theta_a

with A_k the links upward and B_k those downward. The rows of H, of unit norm, are taught to be the
weights of the visual model's last layer, bias included, of unit norm too, by the squared distance
over the seen classes. Then every label has weights, also one without images, and an image's score
for it is their product with the image's features and a 1. Seen labels have the predicted ones as
well. The paper's second stage, training the network further on these weights, is left out: all
baselines read the same features.

Dropout falls on what a layer has gathered, which is the same as on what it gathers from but for
chance, and is quicker. An optimiser's step is always one over all seen classes.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from scipy.sparse import csr_array, vstack
from torch import Tensor, nn

from components.shared.baselines.label_graph import LabelGraph
from components.shared.baselines.placed import placed
from components.shared.baselines.scoring import Scorer, scorer_of
from components.shared.execution.progress import Progress

SLOPE = 0.2
"""Of the leaky rectifier below 0, as in the paper."""


@dataclass(frozen=True)
class Dgp:
    """A classifier's weights for labels.

    Attributes:
        wnids: The labels.
        weights: float32 [labels, features + 1], unit norm, the bias last.
    """

    wnids: tuple[str, ...]
    weights: np.ndarray


@dataclass(frozen=True)
class DgpTraining:
    """How the network is trained.

    The paper has 2,048 hidden units and 3,000 steps, on 32,324 nodes; rate, decay and dropout are
    its own.

    Attributes:
        hidden: Units of the hidden layer.
        steps: Of the optimiser, Adam.
        learning_rate: Of each step.
        weight_decay: Of all parameters.
        dropout: Share of what a layer gathers that is left out of a step.
        seed: Of the first weights and of dropout.
    """

    hidden: int = 512
    steps: int = 600
    learning_rate: float = 0.001
    weight_decay: float = 0.0005
    dropout: float = 0.5
    seed: int = 0


class Layer(nn.Module):
    """Gathers along links, weighted by their distance, and multiplies.

    Attributes:
        distance: [K + 1], the weights of the distances before their softmax.
        theta: [into, out].
        bias: [out].
    """

    def __init__(self, distances: int, into: int, out: int, generator: torch.Generator) -> None:
        """Draw the weights."""
        super().__init__()
        self.distance = nn.Parameter(torch.ones(distances))
        bound = (6 / (into + out)) ** 0.5
        drawn = torch.rand(into, out, generator=generator)
        self.theta = nn.Parameter((2 * drawn - 1) * bound)
        self.bias = nn.Parameter(torch.zeros(out))

    def forward(self, gathered: Tensor, kept: Tensor | None) -> Tensor:
        """Outputs [nodes, out].

        Args:
            gathered: [K + 1, nodes, into], the means over the nodes at each distance.
            kept: [nodes, into], what inputs are multiplied by in training; None: nothing is.
        """
        mixed = torch.tensordot(torch.softmax(self.distance, dim=0), gathered, dims=1)
        outputs: Tensor = (mixed if kept is None else mixed * kept) @ self.theta + self.bias
        return outputs


class Network(nn.Module):
    """Both layers over one graph.

    Attributes:
        below: The layer that gathers from below.
        above: The layer that gathers from above.
        gathered: [K + 1, nodes, dim], the means of the inputs that lie below.
    """

    gathered: Tensor

    def __init__(
        self, graph: LabelGraph, inputs: np.ndarray, hidden: int, out: int, seed: int
    ) -> None:
        """Gather what never changes."""
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        distances = graph.farthest + 1
        self.below = Layer(distances, inputs.shape[1], hidden, generator)
        self.above = Layer(distances, hidden, out, generator)
        gathered = np.stack([mean @ inputs for mean in graph.below()])
        self.register_buffer("gathered", torch.from_numpy(gathered))

    def forward(self, upward: Tensor, draws: "Draws | None") -> Tensor:
        """Weights [rows, out] of unit norm.

        Args:
            upward: Sparse [(K + 1) rows, nodes], the means over what lies above some rows.
            draws: What is left out in training.
        """
        kept = draws.of(self.gathered.shape[1:]) if draws else None
        hidden = nn.functional.leaky_relu(self.below(self.gathered, kept), SLOPE)
        gathered = torch.sparse.mm(upward, hidden)
        gathered = gathered.view(len(self.gathered), -1, hidden.shape[1])
        kept = draws.of(gathered.shape[1:]) if draws else None
        return nn.functional.normalize(self.above(gathered, kept), dim=1)


@dataclass(frozen=True)
class Draws:
    """Draws what dropout keeps.

    Attributes:
        dropout: Share that is left out.
        generator: Where it is drawn.
    """

    dropout: float
    generator: torch.Generator

    def of(self, shape: Sequence[int]) -> Tensor:
        """What inputs of a shape are multiplied by: 0, or so much that their mean stays."""
        device = self.generator.device
        drawn = torch.rand(*shape, generator=self.generator, device=device)
        return (drawn >= self.dropout) / (1 - self.dropout)


def fit_dgp(
    graph: LabelGraph,
    inputs: np.ndarray,
    classes: Sequence[str],
    classifier: np.ndarray,
    labels: Sequence[str],
    training: DgpTraining,
    device: torch.device | None = None,
) -> Dgp:
    """Train the network and predict the weights of every label.

    On a CPU the same seed gives the same weights.

    Args:
        graph: Its nodes hold classes and labels.
        inputs: float32 [nodes, dim], a vector of each node.
        classes: wnids of the visual model, those that are learned from.
        classifier: float32 [classes, features + 1], the weights of its last layer and the bias.
        labels: wnids to predict for.
        training: How.
        device: Where; None: the CPU.
    """
    place = device or torch.device("cpu")
    network = Network(graph, inputs, training.hidden, classifier.shape[1], training.seed).to(place)
    targets = nn.functional.normalize(torch.from_numpy(classifier).float().to(place), dim=1)
    means = graph.above()
    _train(network, _sparse(means, graph.rows(classes), place), targets, training)
    with torch.inference_mode():
        weights = network(_sparse(means, graph.rows(labels), place), None)
    return Dgp(tuple(labels), weights.cpu().numpy())


def dgp_scorer(dgp: Dgp, wnids: Collection[str]) -> Scorer:
    """Make the scorer of features [n, features] for those labels that have predicted weights."""
    row_of = {wnid: row for row, wnid in enumerate(dgp.wnids)}
    labels = sorted({wnid for wnid in wnids if wnid in row_of})
    weights = dgp.weights[[row_of[wnid] for wnid in labels]]
    factors, biases = placed(weights[:, :-1].T), placed(weights[:, -1])

    def score(features: Tensor) -> Tensor:
        return features.float() @ factors(features.device) + biases(features.device)

    return scorer_of(labels, score)


def _train(network: Network, upward: Tensor, targets: Tensor, training: DgpTraining) -> None:
    """Step so many times towards the targets [classes, features + 1]."""
    optimiser = torch.optim.Adam(
        network.parameters(), training.learning_rate, weight_decay=training.weight_decay
    )
    generator = torch.Generator(targets.device).manual_seed(training.seed + 1)
    draws = Draws(training.dropout, generator) if training.dropout else None
    progress = Progress("dgp", training.steps, "steps")
    loss = torch.zeros(())
    for step in range(training.steps):
        optimiser.zero_grad(set_to_none=True)
        loss = (network(upward, draws) - targets).square().sum() / (2 * len(targets))
        loss.backward()
        optimiser.step()
        progress.update(step + 1)
    progress.finish(f"loss {loss.item():.4f}")


def _sparse(means: Sequence[csr_array], rows: np.ndarray, device: torch.device) -> Tensor:
    """Some rows of the means at each distance, one distance after the other."""
    chosen = vstack([mean[rows] for mean in means]).tocoo()
    places = np.stack([chosen.row, chosen.col]).astype(np.int64)
    values = torch.from_numpy(chosen.data.astype(np.float32))
    return (
        torch.sparse_coo_tensor(
            torch.from_numpy(places), values, chosen.shape, check_invariants=True
        )
        .to(device)
        .coalesce()
    )
