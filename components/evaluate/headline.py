"""Publishes a finished evaluation, also one taken as it is, on the page of the run."""

import json
from collections.abc import Callable
from pathlib import Path

from components.shared.artifacts.evaluation import (
    CONSE,
    CONTAMINATED,
    CONTINUED,
    DEVISE,
    DGP,
    ESZSL,
    EXEM,
    RANDOM,
    SOFTMAX,
    read_metrics,
)
from components.shared.ranking.metrics import (
    AUSUC,
    FLAT_HIT,
    HARMONIC_MEAN,
    HIERARCHICAL_PRECISION,
)

HEADLINE_MODELS = (SOFTMAX, CONTINUED, DEVISE, RANDOM, CONSE, EXEM, ESZSL, DGP)
HEADLINE = (
    f"{FLAT_HIT}1",
    f"{FLAT_HIT}5",
    f"{HIERARCHICAL_PRECISION}5",
    HARMONIC_MEAN,
    AUSUC,
)
"""The figures of these models on each candidate set that the run page shows."""


def publish(evaluation: Path, log_metric: Callable[[str, float], None], metrics_file: Path) -> None:
    """Hand the figures of metrics.json on.

    Args:
        evaluation: Folder of the evaluation.
        log_metric: Takes a name and a value for the table of the run page.
        metrics_file: Written, because KFP's local cache takes no task without its file.
    """
    metrics = read_metrics(evaluation)
    for name, value in sorted(metrics.items()):
        model, _, rest = name.partition("/")
        if name == CONTAMINATED or (
            model in HEADLINE_MODELS and rest.rpartition("/")[2] in HEADLINE
        ):
            log_metric(name, value)
    metrics_file.parent.mkdir(parents=True, exist_ok=True)
    metrics_file.write_text(json.dumps(metrics), encoding="utf-8")
