import pytest
import torch
from support.settings import unchecked
from twins.hinge_rank_loop import margins_between

from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.settings.devise import DeviseSettings
from components.train_devise.losses.margins import (
    Margins,
    excess,
    margins_of,
    margins_to,
    shares_of,
    violations,
)
from components.train_devise.losses.problem import Problem

LABELS = torch.tensor([1, 3, 3])


def drawn_targets(dtype: torch.dtype = torch.float64) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    drawn = torch.randn(6, 4, generator=generator, dtype=torch.float64)
    return torch.nn.functional.normalize(drawn, dim=1).to(dtype)


def test_a_constant_margin_is_a_number() -> None:
    assert margins_to(Margins(drawn_targets(), 0.4), LABELS) == 0.4


def test_a_margin_by_relatedness_is_one_less_the_cosine_of_the_labels() -> None:
    targets = drawn_targets()
    margins = margins_to(Margins(targets, 0.4, "relatedness"), LABELS)
    assert isinstance(margins, torch.Tensor)
    assert margins[0, 2].item() == pytest.approx(0.4 * (1 - (targets[1] @ targets[2]).item()))
    looped = torch.tensor(margins_between(targets, 0.4, "relatedness"), dtype=torch.float64)
    assert margins.numpy() == pytest.approx(looped[LABELS].numpy(), abs=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("scaling", ["constant", "relatedness"])
def test_what_exceeds_a_margin_is_of_the_targets_type(dtype: torch.dtype, scaling: str) -> None:
    margins = Margins(drawn_targets(dtype), 0.4, scaling)
    exceeding = excess(margins, torch.ones(3, 4, dtype=dtype), LABELS)
    assert (exceeding.dtype, exceeding.shape) == (dtype, (3, 6))


def test_the_own_label_never_violates_its_margin() -> None:
    exceeding = torch.tensor([[0.1, 0.2, -0.1], [0.3, 0.1, 0.0]])
    violated = violations(exceeding, torch.tensor([0, 1]))
    assert violated.tolist() == [[False, True, False], [True, False, False]]
    assert shares_of(violated).tolist() == [0.5, 0.5]


def test_each_image_has_the_share_of_its_own_margins_that_are_violated() -> None:
    violated = torch.tensor([[False, True, True], [False, False, False], [True, False, False]])
    assert shares_of(violated).tolist() == [1.0, 0.0, 0.5]


def test_margins_are_those_of_the_settings() -> None:
    config = unchecked(DeviseSettings, margin=0.3, margin_scaling="relatedness")
    problem = Problem(config, drawn_targets(), {}, Taxonomy({}, [], "none"))
    margins = margins_of(problem)
    assert (margins.margin, margins.scaling) == (0.3, "relatedness")
    assert margins.targets is problem.targets
