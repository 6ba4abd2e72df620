"""The classes that DeViSE knows best and worst, with the counts behind each share."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element, plain_table
from components.draw_report.section import Section
from components.draw_report.sections.tables import title_of
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.evaluation import CHANCE, DEVISE, is_phase_1
from components.shared.artifacts.model_names import name_of
from components.shared.ranking.metrics import FLAT_HIT, PER_CLASS_HIT, flat_hits

K = 5
SHOWN = 10


@dataclass(frozen=True)
class ClassScore:
    """How one class fares.

    Attributes:
        wnid: The class.
        images: Its test images.
        first: Of them, those whose first label is right.
        hits: Of them, those with the right label among the first `K`.
        mistaken_for: The wrong first label given most often, and how often; None without one.
    """

    wnid: str
    images: int
    first: int
    hits: int
    mistaken_for: tuple[str, int] | None


def classes_section(data: ReportData) -> list[Child]:
    """Show the best and the worst classes of the seen ones and of each zero-shot set."""
    parts = [
        part
        for name in [SEEN, *data.zero_shot_sets()]
        for part in _of_set(data, data.candidates(name))
    ]
    text = (
        f"By the share of a class's test images with the right label among DeViSE's first {K}, "
        f"where there are fewer than {K} labels by that of its first. Counts are small: a class "
        "more or less is often chance."
    )
    return [
        element("p", text, class_="note"),
        *parts,
        *_means_over_classes(data),
    ]


def _means_over_classes(data: ReportData) -> list[Markup]:
    """Show hit@1 and hit@K as means over classes; nothing where the run has none."""
    names = [SEEN, *data.zero_shot_sets()]
    end = f"/{SEEN}/{PER_CLASS_HIT}1"
    models = [model for model in (*data.models, CHANCE) if f"{model}{end}" in data.metrics]
    if not models:
        return []
    head = ["", *(f"{name}: hit@{k}" for name in names for k in (1, K))]
    rows = [
        [name_of(model), *(_per_class(data, model, name, k) for name in names for k in (1, K))]
        for model in models
        if not is_phase_1(model)
    ]
    return [element("h3", "Means over classes, %"), plain_table(head, rows)]


def _per_class(data: ReportData, model: str, candidates: str, k: int) -> str:
    figure = data.metrics.get(f"{model}/{candidates}/{PER_CLASS_HIT}{k}")
    if figure is None or not data.is_ranked(candidates, f"{FLAT_HIT}{k}"):
        return "–"
    return f"{100 * figure:.1f}"


def class_scores(data: ReportData, candidates: CandidateSet) -> list[ClassScore]:
    """Return every tested class of a set, the best first; ties by name.

    Where there are fewer than `K` labels, hits among so many say nothing, and order no class.
    """
    truth = data.frame["wnid"][candidates.images].to_numpy()
    rankings = data.answers[DEVISE, candidates.name]
    hits = flat_hits(truth.tolist(), rankings, (1, K))
    scores = [
        _score(wnid, truth == wnid, hits[1], hits[K], rankings[:, 0])
        for wnid in sorted(set(truth.tolist()))
    ]
    counts = is_ranked(data, candidates)
    return sorted(
        scores,
        key=lambda one: (
            -one.hits / one.images if counts else 0.0,
            -one.first / one.images,
            data.names[one.wnid],
        ),
    )


def is_ranked(data: ReportData, candidates: CandidateSet) -> bool:
    """Return whether a candidate set has as many labels as `K`."""
    return data.is_ranked(candidates.name, f"{FLAT_HIT}{K}")


def _score(
    wnid: str, own: np.ndarray, first: np.ndarray, hits: np.ndarray, answers: np.ndarray
) -> ClassScore:
    wrong = Counter(label for label in answers[own] if label is not None and label != wnid)
    most = min(wrong.items(), key=lambda item: (-item[1], item[0])) if wrong else None
    return ClassScore(wnid, int(own.sum()), int(first[own].sum()), int(hits[own].sum()), most)


def _of_set(data: ReportData, candidates: CandidateSet) -> list[Child]:
    scores = class_scores(data, candidates)
    shown = min(SHOWN, len(scores) // 2)
    if not shown:
        return []
    best, worst = scores[:shown], scores[-shown:][::-1]
    columns = [
        element("div", element("h4", title), _table(data, own, is_ranked(data, candidates)))
        for title, own in ((f"Best {shown} of {len(scores):,}", best), (f"Worst {shown}", worst))
    ]
    return [element("h3", title_of(candidates)), element("div", *columns, class_="columns")]


def _table(data: ReportData, scores: Sequence[ClassScore], counts: bool) -> Markup:
    """Show the counts of some classes, those among the first `K` where these count."""
    rows = [
        [
            data.names[one.wnid],
            f"{one.hits} / {one.images}" if counts else "–",
            f"{100 * one.hits / one.images:.0f} %" if counts else "–",
            f"{one.first} / {one.images}",
            _mistake(data, one),
        ]
        for one in scores
    ]
    head = ["Class", f"hit@{K}", "share", "hit@1", "most often taken for"]
    return plain_table(head, rows, "plain classes")


def _mistake(data: ReportData, score: ClassScore) -> str:
    if score.mistaken_for is None:
        return "–"
    wnid, times = score.mistaken_for
    return f"{data.names[wnid]} ({times})"


SECTION = Section("classes", "Classes", "Best and worst classes", classes_section)
