"""Parameters of evaluate."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class EvaluateConfig:
    """What is compared on which labels.

    Attributes:
        zero_shot_sets: `unseen`, a set of ImageNet's (`2-hop`, `3-hop`, `all`), or `name=URI` of
            a list of wnids; the names are what counts here, the members stand in the label space.
        conse_top: softmax classes that ConSE combines.
        bootstrap_samples: resamples of the images behind each interval, and sign flips behind
            each paired test.
        variants: what the further DeViSE models differ in, as devise_variants has it; recorded
            beside the figures.
        precision: `bf16` or `fp32`, of the visual model's trunk; a DeViSE model knows its own.
        seed: of the resamples and of the sign flips.
        training_seed: that the models were trained with; recorded beside the figures.
    """

    prefix: ClassVar[str] = "evaluate"

    zero_shot_sets: tuple[str, ...] = ("unseen",)
    conse_top: int = 10
    bootstrap_samples: int = 1000
    variants: tuple[str, ...] = ()
    precision: str = "bf16"
    seed: int = 0
    training_seed: int = 0

    def __post_init__(self) -> None:
        """Refuse counts that nothing can be drawn or combined with."""
        if self.conse_top < 1:
            raise ValueError(f"evaluate_conse_top is {self.conse_top}: give 1 or more.")
        if self.bootstrap_samples < 1:
            raise ValueError(
                f"evaluate_bootstrap_samples is {self.bootstrap_samples}: give 1 or more."
            )

    @property
    def set_names(self) -> list[str]:
        """Names of the zero-shot sets."""
        return [specification.partition("=")[0] for specification in self.zero_shot_sets]
