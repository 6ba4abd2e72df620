"""Baselines that were fitted, and those that could not be, with the reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from components.shared.artifacts.compared import FittedBaseline
from components.shared.execution.progress import say


class UnfitError(ValueError):
    """What a run has is too little for a baseline to be fitted to; the message says of what."""


@dataclass(frozen=True)
class Fits:
    """What became of some baselines.

    Attributes:
        fitted: By name.
        left_out: Why the others could not be fitted, by name.
    """

    fitted: Mapping[str, FittedBaseline] = field(default_factory=dict)
    left_out: Mapping[str, str] = field(default_factory=dict)

    def __or__(self, other: "Fits") -> "Fits":
        """These and others."""
        return Fits({**self.fitted, **other.fitted}, {**self.left_out, **other.left_out})

    def report(self) -> dict[str, float]:
        """Say which are left out, and return how many are not and are."""
        for name, reason in self.left_out.items():
            say(f"fit_baselines: {name} is left out. {reason}")
        counts = {"baselines": self.fitted, "baselines_left_out": self.left_out}
        return {name: float(len(those)) for name, those in counts.items()}
