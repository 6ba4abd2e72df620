"""The claims that a run may make: a short list, written before it, tested together.

Each is made against the strongest row of a kind: of all softmaxes, random twins, ConSEs or EXEMs
that there are, the one with the highest figure; or against a single row. Holm's step-down
correction (Holm 1979) keeps the chance of a single wrong one below 5 %, and every claim more makes
the others harder to tell. So the list has what decides:

- DeViSE as the paper defines it (Frome et al. 2013, tables 1 to 3): hit@1 beside the softmax, its
  semantic gain at the ends of the paper's range (hp@5 and hp@20), what words give on seen labels
  and on unseen ones (random vectors), and what phase 2 gains.
- DeViSE and ConSE on the unseen labels, alone and with the seen ones beside them: ConSE's authors
  claim the opposite (Norouzi et al. 2014).
- The best DeViSE against what could have its gains without its means: a softmax that reads the
  hierarchy as its training does, itself with random vectors in place of words, and the strongest
  ConSE, which may have its vectors or the hierarchy alone.
- The best DeViSE and EXEM on the unseen labels. EXEM was above all other rows of fold 0 before this
  list was written, so that the claim is likelier to be told against DeViSE than for it: it says
  whether training is worth more than a closed form. ESZSL and DGP are shown beside them, and
  nothing is claimed: each would cost the others a part of their level.

Left out are neighbours of these that stand or fall with them: hp@10 between hp@5 and hp@20, and
more k against random vectors and ConSE. Any other difference is shown and claims nothing.

The strongest row is found by the very figures that are tested: what is told for DeViSE had to hold
against all of its kind, what is told against it is told a little too easily where a kind is large.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN
from components.shared.artifacts.evaluation import (
    BETTER_SOFTMAX,
    CONSE,
    DEVISE,
    EXEM,
    KINDS,
    RANDOM,
    SOFTMAX,
    SOFTMAXES,
    is_calibrated,
    is_of_kind,
    is_phase_1,
    phase_1_of,
    without_text,
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
        rival: A kind, whose strongest row it is compared with, or the name of a single row.
        candidates: Name of the candidate set.
        metric: Name of the figure.
    """

    model: str
    rival: str
    candidates: str
    metric: str

    @property
    def name(self) -> str:
        """The claim's name in confidence.json."""
        return f"{self.model}_vs_{self.rival}/{self.candidates}/{self.metric}"


BEST = f"{DEVISE}_best"
"""What the variant with the best options known is called in the presets."""

CLAIMS = (
    Claim(DEVISE, SOFTMAX, SEEN, f"{FLAT_HIT}1"),
    Claim(DEVISE, SOFTMAX, SEEN, f"{HIERARCHICAL_PRECISION}5"),
    Claim(DEVISE, SOFTMAX, SEEN, f"{HIERARCHICAL_PRECISION}20"),
    Claim(DEVISE, RANDOM, SEEN, f"{HIERARCHICAL_PRECISION}5"),
    Claim(DEVISE, RANDOM, UNSEEN, f"{FLAT_HIT}1"),
    Claim(DEVISE, CONSE, UNSEEN, f"{FLAT_HIT}1"),
    Claim(DEVISE, CONSE, f"{UNSEEN}{PLUS_SEEN}", f"{FLAT_HIT}5"),
    Claim(DEVISE, phase_1_of(DEVISE), SEEN, f"{FLAT_HIT}1"),
    Claim(BEST, SOFTMAX, SEEN, f"{HIERARCHICAL_PRECISION}5"),
    Claim(BEST, without_text(BEST), UNSEEN, f"{FLAT_HIT}1"),
    Claim(BEST, without_text(BEST), UNSEEN, f"{FLAT_HIT}5"),
    Claim(BEST, CONSE, UNSEEN, f"{FLAT_HIT}1"),
    Claim(BEST, EXEM, UNSEEN, f"{FLAT_HIT}1"),
)
"""All of them; `unseen` stands for the first zero-shot set."""


def claims_of(zero_shot_set: str) -> tuple[Claim, ...]:
    """Return the claims of a run.

    Args:
        zero_shot_set: Name of its first zero-shot set.
    """
    names = {UNSEEN: zero_shot_set, f"{UNSEEN}{PLUS_SEEN}": f"{zero_shot_set}{PLUS_SEEN}"}
    return tuple(
        Claim(one.model, one.rival, names.get(one.candidates, one.candidates), one.metric)
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


def untestable(claim: Claim, models: Sequence[str]) -> str | None:
    """Say why a claim cannot be tested for want of a row; None where it can.

    Args:
        claim: The claim.
        models: The models there are.
    """
    if claim.model not in models:
        return f"The run has no row {claim.model}."
    if not rows_of(claim.rival, models):
        which = "of the kind " if claim.rival in KINDS else ""
        return f"The run has no row {which}{claim.rival}."
    return None


def rows_of(rival: str, models: Iterable[str]) -> list[str]:
    """Return the rows that a claim is made against the strongest of.

    Args:
        rival: A kind, of which neither those before phase 2 nor those that are calibrated count,
            nor those over label vectors that were trained on images; or the name of a row.
        models: The models there are.
    """
    if rival not in KINDS:
        return [model for model in models if model == rival]
    of_kind = [model for model in models if is_of_kind(model, rival)]
    left_out = (is_phase_1, is_calibrated, saw_images)
    return [model for model in of_kind if not any(is_so(model) for is_so in left_out)]


def strongest(figures: Mapping[str, float]) -> str:
    """Return the row with the highest figure, the first of those that tie."""
    return max(figures, key=lambda row: figures[row])


def claim_about(
    made: Mapping[str, Mapping[str, Any]], model: str, baseline: str, figure: str
) -> Mapping[str, Any] | None:
    """Return the claim that a paired test is, None where the difference is none of the list.

    Args:
        made: `claims` of confidence.json.
        model: The one asked about.
        baseline: The row it was tested against, `better_softmax` among them.
        figure: `<candidates>/<metric>`.
    """
    own = [
        claim
        for name, claim in made.items()
        if name.startswith(f"{model}_vs_") and name.endswith(f"/{figure}")
    ]
    names = SOFTMAXES if baseline == BETTER_SOFTMAX else (baseline,)
    return next((claim for claim in own if claim["baseline"] in names), None)


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
