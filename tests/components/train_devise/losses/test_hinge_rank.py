import numpy as np
import pytest
import torch
from twins.hinge_rank_loop import margins_between, truncated_sum, whole_sum

from components.shared.processes.ranks import Part
from components.train_devise.losses.hinge_rank import hinge_rank_loss
from components.train_devise.losses.margins import Margins

BATCH, LABELS, DIM = 3, 6, 4
DEVIATIONS = 4
"""So many standard deviations may draws be from what they are compared with."""


def problem(
    seed: int = 0, requires_grad: bool = False
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """In float64: processors round float32 sums differently, by more than a twin may differ."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(LABELS, DIM, generator=generator, dtype=torch.float64)
    targets = torch.nn.functional.normalize(drawn, dim=1)
    points = 0.5 * torch.randn(BATCH, DIM, generator=generator, dtype=torch.float64)
    return points.requires_grad_(requires_grad), torch.tensor([0, 3, 3]), targets


def test_a_case_worked_by_hand() -> None:
    # Scores 0.2 (own), 0.15, -0.5 and 0.9: excess over the margin 0.1 is 0.05, none and 0.8.
    targets = torch.eye(4, dtype=torch.float64)
    points = torch.tensor([[0.2, 0.15, -0.5, 0.9]], dtype=torch.float64)
    labels = torch.tensor([0])
    margins = Margins(targets, 0.1)
    value, share = hinge_rank_loss(margins, "all", points, labels)
    assert value.item() == pytest.approx(0.85)
    assert share.item() == pytest.approx(2 / 3)
    first, _ = hinge_rank_loss(margins, "fixed_order", points, labels)
    assert first.item() == pytest.approx(0.05)
    draws = torch.Generator().manual_seed(0)
    drawn = [hinge_rank_loss(margins, "random", points, labels, draws)[0] for _ in range(400)]
    values = [value.item() for value in drawn]
    assert {round(value, 2) for value in values} == {0.05, 0.8}
    # Half the time each: so many draws' mean deviates by 0.375 / 20.
    assert np.mean(values) == pytest.approx(0.425, abs=DEVIATIONS * 0.375 / 20)


def test_a_part_of_a_batch_meets_the_violators_that_the_whole_draws() -> None:
    points, labels, targets = problem()
    margins = Margins(targets, 0.5)

    def loss(part: Part) -> float:
        draws = torch.Generator().manual_seed(4)
        own = part.of(points), part.of(labels)
        return hinge_rank_loss(margins, "random", *own, draws, part)[0].item()

    parts = [Part(0, 1, BATCH, 2), Part(1, BATCH, BATCH, 2)]
    mean = sum(part.weight * loss(part) for part in parts) / 2
    assert mean == pytest.approx(loss(Part(0, BATCH, BATCH)))


def test_without_a_violation_loss_and_gradient_are_zero() -> None:
    targets = torch.eye(3)
    points = torch.tensor([[1.0, 0.0, 0.0]], requires_grad=True)
    for violators in ("random", "fixed_order", "all"):
        value, share = hinge_rank_loss(Margins(targets, 0.1), violators, points, torch.tensor([0]))
        value.backward()
        assert value.item() == share.item() == 0
        assert points.grad is not None
        assert points.grad.abs().max().item() == 0


@pytest.mark.parametrize("scaling", ["constant", "relatedness"])
def test_the_draw_has_the_distribution_of_the_literal_loop(scaling: str) -> None:
    points, labels, targets = problem()
    margins, between = Margins(targets, 0.4, scaling), margins_between(targets, 0.4, scaling)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    for image in range(BATCH):
        one = points[image : image + 1], labels[image : image + 1]
        drawn, looped = [], []
        for _ in range(1500):
            value, _ = hinge_rank_loss(margins, "random", *one, generator)
            drawn.append(round(value.item(), 4))
            order = rng.permutation([j for j in range(LABELS) if j != labels[image]])
            value = truncated_sum(one[0][0], int(labels[image]), targets, between, order)
            looped.append(round(value.item(), 4))
        assert set(drawn) == set(looped)
        for number in set(drawn):
            counts = drawn.count(number), looped.count(number)
            share = sum(counts) / 3000
            deviation = (2 * 1500 * share * (1 - share)) ** 0.5
            assert counts[0] == pytest.approx(counts[1], abs=DEVIATIONS * deviation)


def test_the_gradient_is_that_of_the_literal_loop() -> None:
    points, labels, targets = problem(1, requires_grad=True)
    value, _ = hinge_rank_loss(Margins(targets, 0.4), "fixed_order", points, labels)
    (gradient,) = torch.autograd.grad(value, points)
    looped = torch.stack(
        [
            truncated_sum(
                points[i], int(labels[i]), targets, margins_between(targets, 0.4),
                [j for j in range(LABELS) if j != labels[i]],
            )
            for i in range(BATCH)
        ]
    ).mean()  # fmt: skip
    assert value.item() == pytest.approx(looped.item(), abs=1e-12)
    assert gradient.numpy() == pytest.approx(torch.autograd.grad(looped, points)[0].numpy())


def test_the_mean_gradient_of_many_draws_is_that_of_the_literal_loop() -> None:
    points, labels, targets = problem(2, requires_grad=True)
    margins, between = Margins(targets, 0.4), margins_between(targets, 0.4)
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    drawn, looped = (torch.zeros(600, BATCH, DIM, dtype=torch.float64) for _ in range(2))
    for number in range(600):
        value, _ = hinge_rank_loss(margins, "random", points, labels, generator)
        drawn[number] = torch.autograd.grad(value, points)[0]
        for i in range(BATCH):
            order = rng.permutation([j for j in range(LABELS) if j != labels[i]])
            value = truncated_sum(points[i], int(labels[i]), targets, between, order)
            if value > 0:
                looped[number] += torch.autograd.grad(value, points)[0] / BATCH
    deviations = ((drawn.var(dim=0) + looped.var(dim=0)) / 600).sqrt()
    apart = (drawn.mean(dim=0) - looped.mean(dim=0)).abs()
    assert (apart <= DEVIATIONS * deviations + 1e-12).all()


@pytest.mark.parametrize("scaling", ["constant", "relatedness"])
def test_all_violators_are_the_whole_sum_of_equation_1(scaling: str) -> None:
    points, labels, targets = problem(3, requires_grad=True)
    value, _ = hinge_rank_loss(Margins(targets, 0.4, scaling), "all", points, labels)
    between = margins_between(targets, 0.4, scaling)
    rows = [whole_sum(points[i], int(labels[i]), targets, between) for i in range(BATCH)]
    looped = torch.stack(rows).mean()
    assert value.item() == pytest.approx(looped.item(), abs=1e-12)
    gradients = [torch.autograd.grad(each, points)[0].numpy() for each in (value, looped)]
    assert gradients[0] == pytest.approx(gradients[1], abs=1e-12)
