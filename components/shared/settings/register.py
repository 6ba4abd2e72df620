"""Settings of register_model."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel

from components.shared.settings.parameter import STRICT, setting


def _allowed_name(name: str) -> str:
    # MLflow's rule, which it would tell in the last stage.
    if not name.strip() or "/" in name or ":" in name or name in (".", ".."):
        raise ValueError(
            f"is {name!r}, which MLflow does not take: give a name without '/' and ':'."
        )
    return name


ModelName = Annotated[str, AfterValidator(_allowed_name)]


class RegisterSettings(BaseModel):
    """Which registered model a version is added to, and when it becomes the champion."""

    model_config = STRICT

    model_name: ModelName = setting("devise", "Name in the MLflow model registry.", required=True)
    metric: Literal["flat_hit_at_1", "hierarchical_precision_at_5"] = setting(
        "flat_hit_at_1", "What the champion is chosen by, on validation images."
    )
    minimum_gain: float = setting(
        0.0, "Gain above which the champion alias moves, a share of the images.", -1.0, 1.0
    )
