"""What train_skipgram found of the vectors' meaning, in lines for a reader."""

from collections.abc import Iterator, Mapping
from typing import Any

from components.shared.artifacts.terms import JOINER

FEWEST_PAIRS = 50
"""A correlation over fewer pairs tells nothing, and is none."""
TITLES = {
    "wordsim_353": "WordSim-353, Spearman",
    "simlex_999": "SimLex-999, Spearman",
    "hierarchy": "Hops in the hierarchy, Spearman",
}


def quality_rows(quality: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what each figure is called and its value, with what it was counted from.

    Args:
        quality: As skipgram.json and label_space.json have it; empty: no rows.
    """
    rows = [(TITLES[name], _correlation(quality[name])) for name in TITLES if name in quality]
    if by_hops := quality.get("hierarchy", {}).get("cosine_by_hops"):
        means = ", ".join(f"{mean:.2f} at {hops}" for hops, mean in by_hops.items())
        rows.append(("Mean cosine by hops", means))
    for probe, found in quality.get("neighbours", {}).items():
        rows += _neighbours(probe, found)
    return rows


def _correlation(found: Mapping[str, Any]) -> str:
    pairs = found["pairs"]
    known = round(found["covered"] * pairs) if "covered" in found else pairs
    counted = f"{known:,} of {pairs:,} pairs" if "covered" in found else f"{pairs:,} pairs"
    if known < FEWEST_PAIRS:
        return f"– ({counted}; fewer than {FEWEST_PAIRS} tell nothing)"
    value = "–" if found["spearman"] is None else f"{found['spearman']:.2f}"
    return f"{value} ({counted})"


def _neighbours(probe: str, found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    counts = found.get("counts") or [None] * len(found["here"])
    near = ", ".join(map(_counted, found["here"], counts))
    title = f"Nearest to “{probe}”"
    yield title, f"{near or 'it has no vector'}{_itself(found)}"
    yield f"{title} in the paper", ", ".join(found["paper"])
    if "share_of_sharks" in found:
        yield "Sharks among its nearest", f"{found['share_of_sharks']:.0%}"


def _counted(term: str, count: int | None) -> str:
    text = term.replace(JOINER, " ")
    return text if count is None else f"{text} {count:,}"


def _itself(found: Mapping[str, Any]) -> str:
    return f" (itself {found['count']:,} times)" if "count" in found and found["here"] else ""
