"""Phase 1's steps on a GPU: recorded once as a CUDA graph, then played without Python between.

A step of phase 1 is some fifty kernels that a GPU is through with before Python has asked for the
next. Features, labels, the epoch's order and its learning rates lie on the device, and the graph
counts for itself which step it is at.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import torch

from components.shared.artifacts.features import FeatureView
from components.shared.device import sent
from components.train_devise.phases import SUMMED, Task, step

SHARE_OF_MEMORY = 0.7
"""Of what is free, that features may take."""
ROWS_AT_ONCE = 8192
WARM_UP_STEPS = 3
Views = Sequence[FeatureView]
"""Features of the training images."""


def views_that_fit(views: Views, device: torch.device) -> int:
    """How many views' features the device has room for: all, one, or none."""
    free, _ = torch.cuda.mem_get_info(device)
    room = SHARE_OF_MEMORY * free
    size = 2 * len(views[0]) * views[0].feature_dim
    return len(views) if len(views) * size <= room else int(size <= room)


class CapturedSteps:
    """Steps of one batch size, down the loss of a task, each a replay of the same graph."""

    def __init__(
        self, task: Task, optimiser: torch.optim.Optimizer, views: Views, held: int
    ) -> None:
        """Record a step; weights, momentum and random numbers stay as they are.

        Args:
            task: What is trained.
            optimiser: SGD over the projection, fused.
            views: Features of the training images.
            held: How many views lie on the device at the same time.
        """
        self._task, self._optimiser, self._views = task, optimiser, views
        device, images = task.device, len(task.labels)
        batch = task.config.batch_size
        shape = held * images, views[0].feature_dim
        self._features = torch.zeros(shape, dtype=torch.float16, device=device)
        self._held: dict[int, int] = {}
        self._labels = sent(task.labels, device)
        self._rows = torch.zeros((images // batch, batch), dtype=torch.int64, device=device)
        self._rates = torch.zeros(images // batch, device=device)
        self._number = torch.zeros(1, dtype=torch.int64, device=device)
        self._first_row = torch.zeros(1, dtype=torch.int64, device=device)
        self._rate = torch.zeros((), device=device)
        self._total = torch.zeros(len(SUMMED), device=device)
        self._graph = captured(self._step, optimiser, device)

    def epoch(self, view: int, order: torch.Tensor, rates: Sequence[float]) -> torch.Tensor:
        """Go once through a view.

        Args:
            view: Its number.
            order: int64 [images], the rows in the order in which they are taken.
            rates: The learning rate of each batch, the last one's, of fewer images, among them.

        Returns:
            float32 [3] on the device, the sums over the images of what `SUMMED` names.
        """
        whole, device = self._rows.numel(), self._task.device
        self._rows.copy_(sent(order[:whole].numpy(), device).view_as(self._rows))
        steps = len(self._rates)
        self._rates.copy_(sent(np.array(rates[:steps], np.float32), device))
        self._first_row.fill_(self._place(view))
        self._number.zero_()
        self._total.zero_()
        with _rate_of(self._optimiser, self._rate):
            for _ in range(steps):
                self._graph.replay()
            if whole < len(order):
                self._rate.fill_(rates[-1])
                self._go(sent(order[whole:].numpy(), device))
        return self._total

    def _step(self) -> None:
        # The number is that of an epoch's step, also in the steps that are tried first.
        number = self._number % len(self._rates)
        with _rate_of(self._optimiser, self._rate):
            self._rate.copy_(self._rates.index_select(0, number)[0])
            self._go(self._rows.index_select(0, number)[0])
        self._number += 1

    def _go(self, rows: torch.Tensor) -> None:
        features = self._features.index_select(0, rows + self._first_row)
        projected = self._task.model.project(features)
        labels = self._labels.index_select(0, rows)
        self._total += step(self._task, self._optimiser, projected, labels)

    def _place(self, view: int) -> int:
        """The first row of a view's features, which are brought to the device if they are not."""
        images = len(self._task.labels)
        place = view if len(self._features) == images * len(self._views) else 0
        first = place * images
        if self._held.get(place) != view:
            _fill(self._features[first : first + images], self._views[view])
            self._held[place] = view
        return first


def _fill(room: torch.Tensor, features: FeatureView) -> None:
    """Copy features, part by part: they may lie in a file that is larger than memory."""
    for rows, part in zip(room.split(ROWS_AT_ONCE), features.blocks(ROWS_AT_ONCE), strict=True):
        rows.copy_(sent(part, room.device))


@contextmanager
def _rate_of(optimiser: torch.optim.Optimizer, rate: torch.Tensor) -> Iterator[None]:
    """Let the optimiser read its learning rate from the device while the context lasts."""
    (group,) = optimiser.param_groups
    before, group["lr"] = group["lr"], rate
    try:
        yield
    finally:
        group["lr"] = before


def captured(
    work: Callable[[], None], optimiser: torch.optim.Optimizer, device: torch.device
) -> torch.cuda.CUDAGraph:
    """Record what `work` asks of the GPU; it is tried first, as CUDA demands, and that undone.

    Args:
        work: Steps of the optimiser, of one shape.
        optimiser: SGD of one group; what it has changed is undone.
        device: The GPU.
    """
    changed = _state(optimiser)
    before, random = (
        [tensor.detach().clone() for tensor in changed],
        torch.cuda.get_rng_state(device),
    )
    stream = torch.cuda.Stream(device)
    stream.wait_stream(torch.cuda.current_stream(device))
    with torch.cuda.stream(stream):
        for _ in range(WARM_UP_STEPS):
            work()
    torch.cuda.current_stream(device).wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        work()
    with torch.no_grad():
        for tensor, value in zip(changed, before, strict=True):
            tensor.copy_(value)
    torch.cuda.set_rng_state(random, device)
    return graph


def _state(optimiser: torch.optim.Optimizer) -> list[torch.Tensor]:
    """Weights and momentum, which is made where there is none: SGD's first step is another."""
    (group,) = optimiser.param_groups
    parameters: list[torch.Tensor] = group["params"]
    if not group["momentum"]:
        return parameters
    states = [optimiser.state[parameter] for parameter in parameters]
    for parameter, state in zip(parameters, states, strict=True):
        state.setdefault("momentum_buffer", torch.zeros_like(parameter, requires_grad=False))
    return [*parameters, *(state["momentum_buffer"] for state in states)]
