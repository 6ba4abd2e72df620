import pytest

from components.shared.settings import gpus
from components.shared.settings.table import defaults


@pytest.mark.parametrize(("nodes", "expected"), [(1, 4), (2, 0)])
def test_the_visual_training_asks_for_them_unless_nodes_of_its_own_do(
    nodes: int, expected: int
) -> None:
    assert gpus.of_visual_training({**defaults(), "visual_nodes": nodes}, 4) == expected


@pytest.mark.parametrize(("epochs", "nodes", "expected"), [(2, 1, 4), (0, 1, 0), (2, 2, 0)])
def test_a_model_asks_for_them_where_its_whole_network_is_trained_there(
    epochs: int, nodes: int, expected: int
) -> None:
    values = {**defaults(), "devise_phase_2_epochs": epochs, "devise_nodes": nodes}
    assert gpus.of_model(values, 4) == expected


@pytest.mark.parametrize(("variant", "expected"), [("1", 4), ("0", 0)])
def test_of_a_runs_models_the_most_demanding_counts(variant: str, expected: int) -> None:
    variants = [f"devise_more: devise_phase_2_epochs={variant}"]
    values = {**defaults(), "devise_phase_2_epochs": 0, "devise_variants": variants}
    assert gpus.of_any_model(values, 4) == expected
