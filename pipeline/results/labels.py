"""How many labels a candidate set has, from the figures alone."""

from collections.abc import Mapping

from components.shared.artifacts.evaluation import CHANCE
from components.shared.ranking.metrics import FLAT_HIT, k_of, labels_behind


def is_ranked(metrics: Mapping[str, float], candidates: str, column: str) -> bool:
    """Return whether a candidate set has as many labels as a column's k asks for.

    Args:
        metrics: Content of metrics.json; chance's hit@1 there tells how many labels there are, and
            without it nothing is left out.
        candidates: The candidate set.
        column: Public name of a figure; one without a k needs no number of labels.
    """
    chance = metrics.get(f"{CHANCE}/{candidates}/{FLAT_HIT}1")
    return not chance or "_at_" not in column or k_of(column) <= labels_behind(chance)
