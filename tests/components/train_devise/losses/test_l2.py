import pytest
import torch
from twins.l2_loop import l2_sum

from components.train_devise.losses.l2 import l2_loss
from components.train_devise.losses.margins import Margins


def test_a_case_worked_by_hand() -> None:
    # Distances 0.6 and 0.8 to (1, 0), none to (0, 1): 0.36 + 0.64 = 1, and 0; the mean is 0.5.
    # Scores of the first image: 0.4 (own) and 0.8, above it less the margin; of the second 1 and 0.
    points = torch.tensor([[0.4, 0.8], [0.0, 1.0]], dtype=torch.float64)
    margins = Margins(torch.eye(2, dtype=torch.float64), 0.1)
    value, shares = l2_loss(margins, points, torch.tensor([0, 1]))
    assert value.item() == pytest.approx(0.5, abs=1e-12)
    assert shares.tolist() == [1.0, 0.0]


@pytest.mark.parametrize("scaling", ["constant", "relatedness"])
def test_it_is_the_squared_distance_to_the_own_target_whatever_the_margins(scaling: str) -> None:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    targets = torch.nn.functional.normalize(drawn, dim=1)
    points = torch.randn(3, 4, generator=generator, dtype=torch.float64, requires_grad=True)
    labels = torch.tensor([0, 3, 3])
    value, _ = l2_loss(Margins(targets, 0.4, scaling), points, labels)
    rows = [l2_sum(point, int(label), targets) for point, label in zip(points, labels, strict=True)]
    looped = torch.stack(rows).mean()
    assert value.item() == pytest.approx(looped.item(), rel=1e-12)
    gradients = [torch.autograd.grad(each, points)[0].numpy() for each in (value, looped)]
    assert gradients[0] == pytest.approx(gradients[1], abs=1e-12)
