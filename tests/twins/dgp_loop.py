"""Two layers of propagation over a hierarchy, a node at a time."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

Parents = Mapping[str, Sequence[str]]
Layers = Mapping[str, np.ndarray]


def hops_up(parents: Parents, node: str) -> dict[str, int]:
    """The shortest way up to everything above a node, itself at 0."""
    found, shell, hops = {node: 0}, [node], 0
    while shell:
        hops += 1
        shell = [p for child in shell for p in parents.get(child, []) if p not in found]
        found.update(dict.fromkeys(shell, hops))
    return found


def softmax(values: np.ndarray) -> np.ndarray:
    powers = np.exp(values - values.max())
    return np.asarray(powers / powers.sum())


def gathered(
    inputs: Mapping[str, np.ndarray],
    linked: Mapping[str, Mapping[str, int]],
    node: str,
    distance: np.ndarray,
) -> np.ndarray:
    """The means over the nodes at each distance, weighted; one without nodes adds nothing."""
    total = np.zeros_like(next(iter(inputs.values())))
    for hops, weight in enumerate(softmax(distance)):
        there = [inputs[other] for other, far in linked[node].items() if far == hops]
        if there:
            total = total + weight * np.mean(there, axis=0)
    return total


def weights_of(
    parents: Parents,
    nodes: Sequence[str],
    inputs: Mapping[str, np.ndarray],
    farthest: int,
    layers: Layers,
) -> dict[str, np.ndarray]:
    """Weights of unit norm for every node, from the layers' parameters by name."""
    up = {n: {m: min(h, farthest) for m, h in hops_up(parents, n).items()} for n in nodes}
    down = {n: {m: up[m][n] for m in nodes if n in up[m]} for n in nodes}
    hidden = {}
    for node in nodes:
        own = gathered(inputs, down, node, layers["below.distance"])
        own = own @ layers["below.theta"] + layers["below.bias"]
        hidden[node] = np.where(own > 0, own, 0.2 * own)
    found = {}
    for node in nodes:
        own = gathered(hidden, up, node, layers["above.distance"])
        own = own @ layers["above.theta"] + layers["above.bias"]
        found[node] = own / np.linalg.norm(own)
    return found


def loss_of(weights: Mapping[str, np.ndarray], classifier: Mapping[str, np.ndarray]) -> float:
    """Half the mean over the classes of the squared distance to a classifier of unit norm."""
    total = 0.0
    for name, own in classifier.items():
        for predicted, wanted in zip(weights[name], own / np.linalg.norm(own), strict=True):
            total += (predicted - wanted) ** 2
    return total / len(classifier) / 2


def first_step(
    loss: Callable[[Layers], float], layers: Layers, learning_rate: float, weight_decay: float
) -> dict[str, np.ndarray]:
    """The parameters after Adam's first step, which is as long for each: where the loss falls."""
    stepped = {}
    for name, values in layers.items():
        slope = np.zeros_like(values)
        for place in np.ndindex(values.shape):
            high, low = values.copy(), values.copy()
            high[place] += 1e-5
            low[place] -= 1e-5
            slope[place] = (loss({**layers, name: high}) - loss({**layers, name: low})) / 2e-5
        stepped[name] = values - learning_rate * np.sign(slope + weight_decay * values)
    return stepped
