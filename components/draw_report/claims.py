"""How sure the figures are: bootstrap intervals, paired tests, and what they allow to be said."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import percent
from components.shared.artifacts.model_names import within_a_sentence
from components.shared.statistics.claims import claim_about, rows_of, strongest

CONTAMINATION = (
    "the visual network's pretrained weights had seen images of zero-shot classes. The figures of "
    "every zero-shot set are not those of unseen classes and must not be compared with any that "
    "are."
)
"""What is said first of a run where it is so."""


@dataclass(frozen=True)
class Paired:
    """A paired test of two models on the same images.

    Attributes:
        model: The one asked about.
        baseline: The other.
        candidates: Name of the candidate set.
        metric: Name of the figure.
        difference: Model less baseline, a share.
        interval: Of the difference, 95 %.
        p: Of the test.
        told: What Holm's correction says of it where it is one of the claims; None where not.
    """

    model: str
    baseline: str
    candidates: str
    metric: str
    difference: float
    interval: tuple[float, float]
    p: float
    told: bool | None = None

    @property
    def sign(self) -> int:
        """1 or -1 where it is a claim that the corrected test tells, else 0."""
        if not self.told:
            return 0
        return 1 if self.difference > 0 else -1


def interval_of(
    data: ReportData, model: str, candidates: str, metric: str
) -> tuple[float, float] | None:
    """Return the 95 % interval of a figure, None where none was computed."""
    intervals = (data.confidence or {}).get("intervals", {})
    found = intervals.get(f"{model}/{candidates}/{metric}")
    return (float(found[0]), float(found[1])) if found else None


def paired_tests(data: ReportData) -> list[Paired]:
    """Return every paired test, in the order they were computed in."""
    tests = (data.confidence or {}).get("paired", {})
    return [_paired(data, key, test) for key, test in tests.items()]


def paired_test(
    data: ReportData, model: str, baseline: str, candidates: str, metric: str
) -> Paired | None:
    """Return the paired test of two models, None where none was made."""
    found = data.confidence or {}
    figure = f"{candidates}/{metric}"
    key = f"{model}_vs_{baseline}/{figure}"
    # A claim may be against a row that the model is tested against nowhere else.
    claim = claim_about(found.get("claims", {}), model, baseline, figure)
    test = found.get("paired", {}).get(key) or claim
    return _paired(data, key, test) if test else None


def strongest_row(data: ReportData, kind: str, candidates: str, metric: str) -> str:
    """Return the row of a kind that claims are made against: the one of the highest figure."""
    end = f"{candidates}/{metric}"
    rows = [row for row in rows_of(kind, data.models) if f"{row}/{end}" in data.metrics]
    return strongest({row: data.metrics[f"{row}/{end}"] for row in rows})


def with_interval(data: ReportData, model: str, candidates: str, metric: str) -> str:
    """Write a figure with its interval where it has one."""
    figure = percent(data.metrics[f"{model}/{candidates}/{metric}"])
    interval = interval_of(data, model, candidates, metric)
    if interval is None:
        return figure
    return f"{figure} (95 % interval {100 * interval[0]:.1f} to {100 * interval[1]:.1f})"


def comparison(data: ReportData, model: str, baseline: str, candidates: str, metric: str) -> str:
    """Say how a model stands to another, no more than their paired test allows."""
    other = percent(data.metrics[f"{baseline}/{candidates}/{metric}"])
    test = paired_test(data, model, baseline, candidates, metric)
    if test is None:
        return f"beside {within_a_sentence(baseline)} ({other}; the difference was not tested)"
    low, high = (signed_points(bound) for bound in test.interval)
    against = (
        f"{within_a_sentence(baseline)} ({other}; 95 % interval of the difference {low} to {high})"
    )
    if test.told is None:
        return f"beside {against}, of which nothing is claimed"
    if test.sign == 0:
        return f"which these images do not tell apart from {against}"
    way = "above" if test.sign > 0 else "below"
    return f"{100 * abs(test.difference):.1f} points {way} {against}"


def signed_points(share: float) -> str:
    """Write a difference in points with its sign, zero without."""
    text = f"{100 * share:+.1f}"
    return "0.0" if float(text) == 0 else text.replace("-", "−")


def _paired(data: ReportData, key: str, test: Mapping[str, Any]) -> Paired:
    models, candidates, metric = key.split("/")
    model, _, baseline = models.partition("_vs_")
    low, high = test["interval"]
    claims = (data.confidence or {}).get("claims", {})
    claim = claim_about(claims, model, baseline, f"{candidates}/{metric}")
    return Paired(
        model,
        baseline,
        candidates,
        metric,
        float(test["difference"]),
        (float(low), float(high)),
        float(test["p"]),
        bool(claim["told"]) if claim else None,
    )
