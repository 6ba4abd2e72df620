import math

import pytest

from pipeline.sweeps.objective import MAXIMISE, MINIMISE, objective_of


def test_a_figure_is_that_of_its_task() -> None:
    objective = objective_of("train_devise-devise/validation_hit_at_1", MAXIMISE)
    assert (objective.stage, objective.name) == (
        "train_devise",
        "train_devise-devise/validation_hit_at_1",
    )
    others = {"task": "train_devise-random", "metrics": {"validation_hit_at_1": 0.1}}
    own = {"task": "train_devise-devise", "metrics": {"validation_hit_at_1": 0.4}}
    assert objective.of_tasks([others, own]) == 0.4


def test_a_run_without_the_figure_says_which_tasks_it_has() -> None:
    objective = objective_of("train_devise-mine/validation_hit_at_1", MAXIMISE)
    with pytest.raises(ValueError, match=r"has no train_devise-mine/.*\(train_devise-devise\)"):
        objective.of_tasks([{"task": "train_devise-devise", "metrics": {}}])


@pytest.mark.parametrize("figure", [math.nan, math.inf])
def test_what_is_no_number_is_no_figure(figure: float) -> None:
    objective = objective_of("pretrain_visual/best_validation_loss", MINIMISE)
    record = {"task": "pretrain_visual", "metrics": {"best_validation_loss": figure}}
    with pytest.raises(ValueError, match=r"best_validation_loss is (nan|inf), no number"):
        objective.of_tasks([record])


@pytest.mark.parametrize(
    "text", ["evaluate/devise/unseen/flat_hit_at_1", "devise/seen/flat_hit_at_1", "evaluate/x"]
)
def test_figures_of_test_images_are_refused_with_the_reason(text: str) -> None:
    with pytest.raises(ValueError, match="is a figure of the test images: settings chosen by it"):
        objective_of(text, MAXIMISE)


@pytest.mark.parametrize("text", ["", "pretrain_visual", "pretrain_visual/epochs", "x/y"])
def test_what_is_no_figure_to_compare_by_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(ValueError, match="choose train_devise-devise/validation_hit_at_1,"):
        objective_of(text, MAXIMISE)
