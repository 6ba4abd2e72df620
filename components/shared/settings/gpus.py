"""The GPUs that tasks of trainings ask for, which depend on a run's settings."""

from collections.abc import Mapping
from typing import Any

from components.shared.settings.variants import differences, parse_variant

Values = Mapping[str, Any]


def of_visual_training(values: Values, gpus: int) -> int:
    """Return those of a task that trains the visual network: none where nodes of their own do."""
    return gpus if values["visual_nodes"] == 1 else 0


def of_model(values: Values, gpus: int) -> int:
    """Return those of a task that trains a model with these settings.

    None where it trains the projection alone, or nodes of their own do the work.
    """
    return gpus if values["devise_phase_2_epochs"] and values["devise_nodes"] == 1 else 0


def of_any_model(values: Values, gpus: int) -> int:
    """Return the most that a task of a run's models asks for, variants among them."""
    variants = [differences(parse_variant(text)) for text in values["devise_variants"]]
    return max(of_model({**values, **differing}, gpus) for differing in [{}, *variants])
