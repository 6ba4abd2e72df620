"""Calibrated stacking of an image: all labels with their scores, sorted."""

from collections.abc import Collection, Mapping


def calibrated_loop(
    scores: Mapping[str, float], seen: Collection[str], penalty: float, length: int
) -> list[str]:
    """Best first, equal ones by name."""
    lowered = {label: score - penalty * (label in seen) for label, score in scores.items()}
    return sorted(lowered, key=lambda label: (-lowered[label], label))[:length]
