"""The claims that a run may make: a short list, written before it, tested together.

Each is made against the strongest row of a kind: of all softmaxes, random twins or ConSEs that
there are, the one with the highest figure. Holm's step-down correction (Holm 1979) keeps the
chance of a single wrong one below 5 %. Any other difference is shown and claims nothing.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN
from components.shared.artifacts.evaluation import (
    CONSE,
    DEVISE,
    RANDOM,
    SOFTMAX,
    is_calibrated,
    is_phase_1,
)
from components.shared.ranking.metrics import FLAT_HIT, HIERARCHICAL_PRECISION
from components.shared.settings.variants import saw_images

LEVEL = 0.05
"""Chance of a wrong claim among all of them."""

UNSEEN = "unseen"
"""In the list: the first zero-shot set."""


@dataclass(frozen=True)
class Claim:
    """A difference that is asked about.

    Attributes:
        model: The one asked about.
        kind: Of the rows it is compared with the strongest of: a model's name, which the other
            rows of the kind begin with.
        candidates: Name of the candidate set.
        metric: Name of the figure.
    """

    model: str
    kind: str
    candidates: str
    metric: str

    @property
    def name(self) -> str:
        """The claim's name in confidence.json."""
        return f"{self.model}_vs_{self.kind}/{self.candidates}/{self.metric}"


CLAIMS = (
    Claim(DEVISE, SOFTMAX, SEEN, f"{FLAT_HIT}1"),
    Claim(DEVISE, SOFTMAX, SEEN, f"{HIERARCHICAL_PRECISION}5"),
    Claim(DEVISE, SOFTMAX, SEEN, f"{HIERARCHICAL_PRECISION}10"),
    Claim(DEVISE, SOFTMAX, SEEN, f"{HIERARCHICAL_PRECISION}20"),
    Claim(DEVISE, RANDOM, SEEN, f"{HIERARCHICAL_PRECISION}5"),
    Claim(DEVISE, RANDOM, UNSEEN, f"{FLAT_HIT}1"),
    Claim(DEVISE, RANDOM, UNSEEN, f"{FLAT_HIT}5"),
    Claim(DEVISE, RANDOM, UNSEEN, f"{HIERARCHICAL_PRECISION}5"),
    Claim(DEVISE, CONSE, UNSEEN, f"{FLAT_HIT}1"),
    Claim(DEVISE, CONSE, UNSEEN, f"{FLAT_HIT}5"),
    Claim(DEVISE, CONSE, UNSEEN, f"{HIERARCHICAL_PRECISION}5"),
    Claim(DEVISE, CONSE, f"{UNSEEN}{PLUS_SEEN}", f"{FLAT_HIT}5"),
)
"""All of them; `unseen` stands for the first zero-shot set."""


def claims_of(zero_shot_set: str) -> tuple[Claim, ...]:
    """Return the claims of a run.

    Args:
        zero_shot_set: Name of its first zero-shot set.
    """
    names = {UNSEEN: zero_shot_set, f"{UNSEEN}{PLUS_SEEN}": f"{zero_shot_set}{PLUS_SEEN}"}
    return tuple(
        Claim(one.model, one.kind, names.get(one.candidates, one.candidates), one.metric)
        for one in CLAIMS
    )


def absent(claims: Iterable[Claim], candidates: Collection[str]) -> dict[str, str]:
    """Return the claims of labels that are not ranked, with the reason.

    Args:
        claims: The list.
        candidates: Names of the candidate sets there are.
    """
    missing = (claim for claim in claims if claim.candidates not in candidates)
    return {claim.name: f"The run has no set {claim.candidates}." for claim in missing}


def rows_of_kind(kind: str, models: Iterable[str]) -> list[str]:
    """Return the models of a kind, without those before phase 2 and those that are calibrated.

    Nor those over label vectors that were trained on images, which the others had none of.

    Args:
        kind: A model's name, which the others of its kind begin with.
        models: The models there are.
    """
    of_kind = (model for model in models if model == kind or model.startswith(f"{kind}_"))
    left_out = (is_phase_1, is_calibrated, saw_images)
    return [model for model in of_kind if not any(is_so(model) for is_so in left_out)]


def strongest(figures: Mapping[str, float]) -> str:
    """Return the row with the highest figure, the first of those that tie."""
    return max(figures, key=lambda row: figures[row])


def holm_adjusted(ps: Sequence[float]) -> list[float]:
    """Return Holm's adjusted p of each test; a claim stands where it is at most `LEVEL`.

    Args:
        ps: p of every test of the list.
    """
    adjusted, highest = [0.0] * len(ps), 0.0
    for place, number in enumerate(sorted(range(len(ps)), key=lambda one: ps[one])):
        highest = max(highest, min(1.0, (len(ps) - place) * ps[number]))
        adjusted[number] = highest
    return adjusted
