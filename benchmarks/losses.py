"""Losses and phase 1 next to literal loops, and hCorrectSet next to sets.

    python benchmarks/losses.py

The loops are those of tests/twins: the paper's equation 1, and appendix A.3, word by word.
"""

import random
import sys
from pathlib import Path

import torch
from rows import Row, in_turn

sys.path.append(str(Path(__file__).resolve().parents[1] / "tests"))

from twins.hierarchical import correct_set
from twins.hinge_rank_loop import margins_between, truncated_sum

from components.shared.ranking.hierarchy import build_hierarchy, correct_sets
from components.train_devise.losses.hinge_rank import hinge_rank_loss
from components.train_devise.losses.margins import Margins

BATCH, LABELS, DIM, FEATURES, MARGIN, ROUNDS = 128, 1000, 500, 4096, 0.1, 3
SYNSETS, KS = 22_000, (1, 2, 5, 10, 20)


def loss_rows(batch: int, labels: int, rounds: int) -> list[Row]:
    """The loss with its gradient, and a step of phase 1 with the loss and the bare products."""
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(labels, DIM, generator=generator)
    targets = torch.nn.functional.normalize(drawn, dim=1)
    own = torch.randint(labels, (batch,), generator=generator)
    features = torch.rand(batch, FEATURES, generator=generator)
    weight = torch.zeros(DIM, FEATURES, requires_grad=True)
    margins, constant = Margins(targets, MARGIN), [[MARGIN] * labels] * labels
    assert margins_between(targets[:2], MARGIN)[0][1] == MARGIN

    def step(loss: str) -> None:
        projected = features @ weight.T
        if loss == "ours":
            hinge_rank_loss(margins, "random", projected, own)[0].backward()
        else:
            _looped(projected, own, targets, constant).backward()

    def bound() -> None:
        projected = features @ weight.detach().T
        (projected @ targets.T) @ targets
        projected.T @ features

    seconds = in_turn(
        {"ours": lambda: step("ours"), "loop": lambda: step("loop"), "bound": bound}, rounds
    )
    each = {name: batch / took for name, took in seconds.items()}
    what = f"phase 1: loss of {labels:,} labels, gradient; literal loop; four matrix products"
    return [Row(what, each["ours"], each["loop"], each["bound"], "images/s")]


def _looped(
    projected: torch.Tensor, own: torch.Tensor, targets: torch.Tensor, margins: list[list[float]]
) -> torch.Tensor:
    losses = []
    for point, label in zip(projected, own.tolist(), strict=True):
        others = [number for number in range(len(targets)) if number != label]
        random.shuffle(others)
        losses.append(truncated_sum(point, label, targets, margins, others))
    return torch.stack(losses).mean()


def hierarchy_row(synsets: int, truths: int) -> Row:
    """HCorrectSet of some labels, for all k, in a tree whose nodes have up to 24 children."""
    draw = random.Random(0)
    names = [f"n{number:08d}" for number in range(synsets)]
    edges = [(names[max(0, number // 12 - draw.randrange(3))], names[number])
             for number in range(1, synsets)]  # fmt: skip
    valid, asked = set(names), draw.sample(names, truths)
    hierarchy = build_hierarchy(edges)

    def ours() -> None:
        for truth in asked:
            correct = correct_sets(hierarchy, truth, valid, KS)
            [correct.members(k) for k in KS]

    def literal() -> None:
        for truth in asked:
            [correct_set(edges, truth, valid, k) for k in KS]

    seconds = in_turn({"ours": ours, "plain": literal}, 1)
    name = f"hCorrectSet in {synsets:,} synsets; sets, shell by shell"
    return Row(name, truths / seconds["ours"], truths / seconds["plain"], None, "labels/s")


def rows(is_quick: bool = False) -> list[Row]:
    """All of them."""
    if is_quick:
        return [*loss_rows(4, 20, 1), hierarchy_row(200, 2)]
    return [*loss_rows(BATCH, LABELS, ROUNDS), hierarchy_row(SYNSETS, 20)]


if __name__ == "__main__":
    for row in rows():
        print(f"{row.name}: {row.ours:,.0f} {row.unit}, {row.times(row.plain):.1f} times")
