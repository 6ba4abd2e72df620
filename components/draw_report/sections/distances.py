"""Where errors fall: hops in the hierarchy between the first prediction and the truth."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from components.draw_report.claims import strongest_row
from components.draw_report.colours import colour_of
from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import Histogram, histograms
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.section import Section
from components.draw_report.sections.tables import title_of
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.evaluation import SOFTMAX
from components.shared.artifacts.model_names import name_of
from components.shared.ranking.hierarchy import hops_to
from components.shared.ranking.metrics import HIERARCHICAL_PRECISION

LAST = 16
MOST_IMAGES = 5000
NONE = "none"


def distances_section(data: ReportData) -> list[Child]:
    """Show a histogram of hops a model for the seen classes and for each zero-shot set alone."""
    names = [SEEN, *data.zero_shot_sets()]
    charts = [part for name in names for part in _charts(data, data.candidates(name))]
    note = element(
        "p",
        "Hops in the hierarchy from the true label to the first label a model gives; 0 is right, "
        "and a mistake further left is a smaller one. Lines across the bars are the strongest "
        "softmax, for comparison. Images without an answer, or without a way to it, count under "
        f"“none”. At most {MOST_IMAGES:,} images a set, drawn at random.",
        class_="note",
    )
    return [note, *charts]


def hops_of_first(data: ReportData, candidates: CandidateSet) -> dict[str, list[int | None]]:
    """Return for each model and tested image (of a draw) the hops to the model's first label."""
    truth = data.frame["wnid"][candidates.images].to_numpy()
    chosen = _drawn(len(truth), data.seed)
    labels = truth[chosen].tolist()
    first = {
        model: data.answers[model, candidates.name][chosen, 0].tolist()
        for model in data.final_models(candidates.name)
    }
    # One search a true label serves every model.
    asked: dict[str, set[str]] = {label: set() for label in labels}
    for answers in first.values():
        for label, wnid in zip(labels, answers, strict=True):
            asked[label].update([] if wnid is None else [wnid])
    hops = {label: hops_to(data.hierarchy, label, wnids) for label, wnids in asked.items()}
    return {
        model: [hops[label].get(wnid) for label, wnid in zip(labels, answers, strict=True)]
        for model, answers in first.items()
    }


def mean_hops_of_errors(hops: Sequence[int | None]) -> float | None:
    """Return the mean hops of the wrong answers that can be reached, None where there is none."""
    wrong = [value for value in hops if value]
    return sum(wrong) / len(wrong) if wrong else None


def _drawn(images: int, seed: int) -> np.ndarray:
    order = np.random.default_rng([seed, images]).permutation(images)
    return np.sort(order[:MOST_IMAGES])


def _charts(data: ReportData, candidates: CandidateSet) -> list[Markup]:
    models = data.final_models(candidates.name)
    hops = hops_of_first(data, candidates)
    categories = _categories([value for values in hops.values() for value in values])
    panels = [_panel(data, model, hops[model], categories) for model in models]
    softmax = strongest_row(data, SOFTMAX, candidates.name, f"{HIERARCHICAL_PRECISION}2")
    drawn = histograms(panels, categories, "hops from the true label", models.index(softmax))
    return [element("h3", title_of(candidates)), drawn]


def _panel(
    data: ReportData, model: str, hops: Sequence[int | None], categories: Sequence[str]
) -> Histogram:
    mean = mean_hops_of_errors(hops)
    remark = "no wrong answer" if mean is None else f"errors {mean:.2f} hops away on average"
    colour = colour_of(model, data.models)
    return Histogram(name_of(model), colour, _shares(hops, categories), remark)


def _categories(hops: Sequence[int | None]) -> list[str]:
    highest = max((value for value in hops if value is not None), default=0)
    names = [str(value) for value in range(min(highest, LAST) + 1)]
    if highest > LAST:
        names[-1] = f"{LAST}+"
    return [*names, NONE] if None in hops else names


def _shares(hops: Sequence[int | None], categories: Sequence[str]) -> list[float]:
    last = len([name for name in categories if name != NONE]) - 1
    counts = Counter(len(categories) - 1 if value is None else min(value, last) for value in hops)
    return [counts[place] / len(hops) for place in range(len(categories))]


SECTION = Section("errors", "Errors", "Where errors fall", distances_section)
