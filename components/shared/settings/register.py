"""Settings of register_model."""

from typing import Literal

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, setting


class RegisterSettings(BaseModel):
    """Which registered model a version is added to, and when it becomes the champion."""

    model_config = STRICT

    model_name: str = setting("devise", "Name in the MLflow model registry.", required=True)
    metric: Literal["flat_hit_at_1", "hierarchical_precision_at_5"] = setting(
        "flat_hit_at_1", "What the champion is chosen by, on validation images."
    )
    minimum_gain: float = setting(
        0.0, "Gain above which the champion alias moves, a share of the images.", -1.0, 1.0
    )
