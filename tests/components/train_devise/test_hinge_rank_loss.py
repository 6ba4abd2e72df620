import numpy as np
import pytest
import torch
from twins.hinge_rank_loop import truncated_sum, whole_sum

from components.train_devise.hinge_rank_loss import hinge_rank_loss, rank_loss

BATCH, LABELS, DIM = 3, 6, 4


def problem(seed=0, requires_grad=False):
    """In float64: processors round float32 sums differently, by more than a twin may differ."""
    generator = torch.Generator().manual_seed(seed)
    drawn = torch.randn(LABELS, DIM, generator=generator, dtype=torch.float64)
    targets = torch.nn.functional.normalize(drawn, dim=1)
    points = 0.5 * torch.randn(BATCH, DIM, generator=generator, dtype=torch.float64)
    return points.requires_grad_(requires_grad), torch.tensor([0, 3, 3]), targets


def test_a_case_worked_by_hand():
    # Scores 0.2 (own), 0.15, -0.5 and 0.9: excess over the margin 0.1 is 0.05, none and 0.8.
    targets = torch.eye(4, dtype=torch.float64)
    points = torch.tensor([[0.2, 0.15, -0.5, 0.9]], dtype=torch.float64)
    labels = torch.tensor([0])
    value, share = hinge_rank_loss(rank_loss(targets, 0.1, "constant", "all"), points, labels)
    assert value.item() == pytest.approx(0.85)
    assert share.item() == pytest.approx(2 / 3)
    first, _ = hinge_rank_loss(rank_loss(targets, 0.1, "constant", "fixed_order"), points, labels)
    assert first.item() == pytest.approx(0.05)
    drawn = rank_loss(targets, 0.1, "constant", "random")
    values = [hinge_rank_loss(drawn, points, labels)[0].item() for _ in range(400)]
    assert {round(value, 2) for value in values} == {0.05, 0.8}
    assert np.mean(values) == pytest.approx(0.425, abs=0.06)


def test_without_a_violation_loss_and_gradient_are_zero():
    targets = torch.eye(3)
    points = torch.tensor([[1.0, 0.0, 0.0]], requires_grad=True)
    for violators in ("random", "fixed_order", "all"):
        loss = rank_loss(targets, 0.1, "constant", violators)
        value, share = hinge_rank_loss(loss, points, torch.tensor([0]))
        value.backward()
        assert value.item() == share.item() == 0
        assert points.grad.abs().max().item() == 0


@pytest.mark.parametrize("scaling", ["constant", "relatedness"])
def test_the_draw_has_the_distribution_of_the_literal_loop(scaling):
    points, labels, targets = problem()
    loss = rank_loss(targets, 0.4, scaling, "random")
    rng, generator = np.random.default_rng(0), torch.Generator().manual_seed(0)
    for image in range(BATCH):
        one = points[image : image + 1], labels[image : image + 1]
        drawn = [round(hinge_rank_loss(loss, *one, generator)[0].item(), 4) for _ in range(1500)]
        looped = []
        for _ in range(1500):
            order = rng.permutation([j for j in range(LABELS) if j != labels[image]])
            value = truncated_sum(one[0][0], int(labels[image]), targets, loss.margins, order)
            looped.append(round(value.item(), 4))
        assert set(drawn) == set(looped)
        for value in set(drawn):
            assert drawn.count(value) == pytest.approx(looped.count(value), abs=120)


def test_the_gradient_is_that_of_the_literal_loop():
    points, labels, targets = problem(1, requires_grad=True)
    loss = rank_loss(targets, 0.4, "constant", "fixed_order")
    value, _ = hinge_rank_loss(loss, points, labels)
    (gradient,) = torch.autograd.grad(value, points)
    looped = torch.stack(
        [
            truncated_sum(
                points[i], int(labels[i]), targets, loss.margins,
                [j for j in range(LABELS) if j != labels[i]],
            )
            for i in range(BATCH)
        ]
    ).mean()  # fmt: skip
    assert value.item() == pytest.approx(looped.item(), abs=1e-12)
    assert gradient.numpy() == pytest.approx(torch.autograd.grad(looped, points)[0].numpy())


def test_the_mean_gradient_of_many_draws_is_that_of_the_literal_loop():
    points, labels, targets = problem(2, requires_grad=True)
    loss = rank_loss(targets, 0.4, "constant", "random")
    rng = np.random.default_rng(0)
    drawn, looped = (torch.zeros(BATCH, DIM, dtype=torch.float64) for _ in range(2))
    for _ in range(600):
        drawn += torch.autograd.grad(hinge_rank_loss(loss, points, labels)[0], points)[0]
        for i in range(BATCH):
            order = rng.permutation([j for j in range(LABELS) if j != labels[i]])
            value = truncated_sum(points[i], int(labels[i]), targets, loss.margins, order)
            if value > 0:
                looped += torch.autograd.grad(value, points)[0] / BATCH
    assert drawn.numpy() / 600 == pytest.approx(looped.numpy() / 600, abs=0.05)


@pytest.mark.parametrize("scaling", ["constant", "relatedness"])
def test_all_violators_are_the_whole_sum_of_equation_1(scaling):
    points, labels, targets = problem(3, requires_grad=True)
    loss = rank_loss(targets, 0.4, scaling, "all")
    value, _ = hinge_rank_loss(loss, points, labels)
    rows = [whole_sum(points[i], int(labels[i]), targets, loss.margins) for i in range(BATCH)]
    looped = torch.stack(rows).mean()
    assert value.item() == pytest.approx(looped.item(), abs=1e-12)
    gradients = [torch.autograd.grad(each, points)[0].numpy() for each in (value, looped)]
    assert gradients[0] == pytest.approx(gradients[1], abs=1e-12)


def test_a_margin_by_relatedness_is_one_less_the_cosine_of_the_labels():
    _, _, targets = problem()
    margins = rank_loss(targets, 0.4, "relatedness", "random").margins
    assert margins[1, 2].item() == pytest.approx(0.4 * (1 - (targets[1] @ targets[2]).item()))


def test_l2_is_the_squared_distance_to_the_own_target():
    points, labels, targets = problem()
    value, _ = hinge_rank_loss(rank_loss(targets, 0.1, "constant", "random", "l2"), points, labels)
    distances = [((points[i] - targets[labels[i]]) ** 2).sum().item() for i in range(BATCH)]
    assert value.item() == pytest.approx(np.mean(distances))


def test_one_label_alone_is_refused():
    with pytest.raises(ValueError, match="needs two or more"):
        rank_loss(torch.ones(1, 4), 0.1, "constant", "random")
