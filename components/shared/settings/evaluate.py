"""Settings of fit_baselines, rank_images and evaluate."""

from typing import Annotated

from pydantic import BaseModel, StringConstraints

from components.shared.settings.parameter import (
    STRICT,
    Each,
    Texts,
    address,
    from_open_run,
    setting,
)
from components.shared.settings.run import PRECISION, SEED, TRAINING_SEED, Precision

ZeroShotSet = Annotated[
    str, StringConstraints(pattern=r"^(unseen|2-hop|3-hop|all|[a-z0-9_-]+=.+)$")
]


Penalty = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*=-?\d+(\.\d+)?([eE][-+]?\d+)?$")
]


class EvaluateSettings(BaseModel):
    """What is compared on which labels."""

    model_config = STRICT

    zero_shot_sets: Annotated[tuple[ZeroShotSet, ...], Each] = address(
        ("unseen",),
        "Zero-shot label sets: 'unseen' (all classes held out), '2-hop', '3-hop', 'all' (of the "
        "hierarchy; a list named all bounds the others), or name=address of a wnid list.",
    )
    conse_top: int = setting(10, "Softmax classes that ConSE combines.", 1, 100_000)
    bootstrap_samples: int = setting(
        1000,
        "Resamples for intervals, and sign flips of tests: of images, on unseen of classes. With "
        "fewer than 259 no p would be small enough for any of all claims to be told.",
        259,
        100_000,
    )
    csls: int = setting(
        0,
        "Images that say how crowded a label is (CSLS), for the models that rank by cosine: its "
        "nearest among the validation images, never test images; 0: off.",
        0,
        1000,
    )
    penalties: Annotated[tuple[Penalty, ...], Each] = setting(
        (),
        "Penalties on the scores of seen labels, model=penalty: each gives a row "
        "<model>_calibrated where seen and unseen labels compete.",
    )
    parts: int = setting(
        1,
        "Tasks that rank the test images side by side, each its share of them.",
        1,
        1000,
        of_machine=True,
    )
    precision: Precision = PRECISION
    seed: int = SEED
    training_seed: int = TRAINING_SEED
    part: int = from_open_run(0, "Which of the parts a task ranks, from 0 on.")
    of_parts: int = from_open_run(1, "How many parts there are.")
    variants: Texts = from_open_run((), "What the further models differ in, to be recorded.")

    @property
    def set_names(self) -> list[str]:
        """Names of the zero-shot sets."""
        return [specification.partition("=")[0] for specification in self.zero_shot_sets]
