"""Where errors fall: hops in the hierarchy between the first prediction and the truth."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from components.evaluate.report.charts import Series, bar_chart
from components.evaluate.report.data import MODEL_NAMES, ReportData
from components.evaluate.report.markup import Markup, element
from components.evaluate.report.tables import title_of
from components.shared.candidate_sets import SEEN, CandidateSet
from components.shared.hierarchy import hops_to

LAST = 12
MOST_IMAGES = 5000


def distances_section(data: ReportData) -> Markup:
    """Show a histogram of hops for the seen classes and for each zero-shot set alone."""
    names = [SEEN, *data.zero_shot_sets()]
    charts = [_chart(data, data.candidates(name)) for name in names]
    note = element(
        "p",
        "Hops in the hierarchy from the true label to the first label a model gives; 0 is right, "
        "and a mistake further left is a smaller one. Images without an answer, or without a way "
        f"to it, count under “none”. At most {MOST_IMAGES:,} images a chart, drawn at random.",
        class_="note",
    )
    return element(
        "section",
        element("h2", "Where errors fall"),
        note,
        element("div", *charts, class_="charts"),
        id="errors",
    )


def hops_of_first(data: ReportData, candidates: CandidateSet, model: str) -> list[int | None]:
    """Return for each tested image (of a draw) the hops to the model's first label."""
    truth = data.frame["wnid"][candidates.images].to_numpy()
    first = data.answers[model, candidates.name][:, 0]
    chosen = _drawn(len(truth), data.seed)
    asked: dict[str, set[str]] = {}
    for label, wnid in zip(truth[chosen], first[chosen], strict=True):
        asked.setdefault(label, set()).update([] if wnid is None else [wnid])
    hops = {label: hops_to(data.hierarchy, label, wnids) for label, wnids in asked.items()}
    return [hops[label].get(wnid) for label, wnid in zip(truth[chosen], first[chosen], strict=True)]


def _drawn(images: int, seed: int) -> np.ndarray:
    order = np.random.default_rng([seed, images]).permutation(images)
    return np.sort(order[:MOST_IMAGES])


def _chart(data: ReportData, candidates: CandidateSet) -> Markup:
    models = data.models(candidates.name)
    hops = {model: hops_of_first(data, candidates, model) for model in models}
    categories = _categories([value for values in hops.values() for value in values])
    series = [
        Series(MODEL_NAMES[model], model, _shares(hops[model], categories)) for model in models
    ]
    return bar_chart(title_of(candidates), series, categories)


def _categories(hops: Sequence[int | None]) -> list[str]:
    highest = max((value for value in hops if value is not None), default=0)
    names = [str(value) for value in range(min(highest, LAST) + 1)]
    if highest > LAST:
        names[-1] = f"{LAST}+"
    return [*names, "none"] if None in hops else names


def _shares(hops: Sequence[int | None], categories: Sequence[str]) -> list[tuple[float, float]]:
    last = len([name for name in categories if name != "none"]) - 1
    counts = Counter(len(categories) - 1 if value is None else min(value, last) for value in hops)
    return [(float(place), counts[place] / len(hops)) for place in range(len(categories))]
