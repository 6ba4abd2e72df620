"""Parameters of register_model."""

from dataclasses import dataclass
from typing import ClassVar

METRICS = ("flat_hit_at_1", "hierarchical_precision_at_5")


@dataclass(frozen=True)
class RegisterConfig:
    """Which registered model a version is added to, and when it becomes the champion.

    Attributes:
        model_name: in MLflow's model registry.
        metric: what the champion is chosen by, on validation images: `flat_hit_at_1` or
            `hierarchical_precision_at_5`.
        minimum_gain: what a new version must gain on the champion, as a share (0.01: one per
            cent of the images).
    """

    prefix: ClassVar[str] = "register"

    model_name: str = "devise"
    metric: str = "flat_hit_at_1"
    minimum_gain: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a metric that is not computed."""
        if self.metric not in METRICS:
            raise ValueError(f"register_metric is {self.metric!r}: choose {' or '.join(METRICS)}.")
