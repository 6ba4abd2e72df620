"""What came out, in three sentences and a few large figures, all made from the metrics."""

from components.draw_report.claims import (
    comparison,
    interval_of,
    strongest_row,
    with_interval,
)
from components.draw_report.colours import colour_of
from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import percent
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.section import Section
from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN
from components.shared.artifacts.evaluation import (
    CHANCE,
    CONSE,
    DEVISE,
    KINDS,
    RANDOM,
    SOFTMAX,
    is_calibrated,
    kind_of,
)
from components.shared.artifacts.model_names import name_of
from components.shared.plurals import counted
from components.shared.settings.variants import saw_images
from components.shared.statistics.claims import strongest

HIT_1 = "flat_hit_at_1"
PRECISION_5 = "hierarchical_precision_at_5"


def summary_section(data: ReportData) -> list[Child]:
    """Show the three sentences and the headline figures."""
    return [
        element("div", *(element("p", one) for one in sentences(data)), class_="lead"),
        element("div", *_cards(data), class_="cards"),
        element(
            "p",
            "Of each kind of model the one that is called by it, and the strongest. All stand "
            "under ",
            element("a", "Comparison", href="#comparison"),
            ".",
            class_="note",
        ),
    ]


def _cards(data: ReportData) -> list[Markup]:
    """Show each headline figure whose k is not beyond the labels there are."""
    shown = [
        (SEEN, HIT_1, "Seen classes: first label right"),
        (SEEN, PRECISION_5, "Seen classes: first five labels near the truth"),
    ]
    for name in data.zero_shot_sets():
        title = f"Zero-shot ({name}), seen classes compete: first five near the truth"
        shown.append((name, HIT_1, f"Zero-shot ({name}): first label right"))
        shown.append((name + PLUS_SEEN, PRECISION_5, title))
    return [_card(data, *one) for one in shown if data.is_ranked(*one[:2])]


def sentences(data: ReportData) -> list[str]:
    """Return three sentences: hits on seen classes, nearness of errors, zero-shot.

    A difference is called one only where it is a claim that its corrected test tells; softmax,
    random vectors and ConSE are the strongest row of their kind.
    """
    return [_hits(data), _nearness(data), _zero_shot(data)]


def _hits(data: ReportData) -> str:
    seen = data.candidates(SEEN)
    softmax = strongest_row(data, SOFTMAX, SEEN, HIT_1)
    return (
        f"On {counted(int(seen.images.sum()), 'test image')} of the "
        f"{counted(len(seen.members), 'class', 'classes')} it was "
        "trained on, DeViSE names the right one first for "
        f"{with_interval(data, DEVISE, SEEN, HIT_1)}, "
        f"{comparison(data, DEVISE, softmax, SEEN, HIT_1)}{_variants(data, SEEN, HIT_1)}."
    )


def _nearness(data: ReportData) -> str:
    if not data.is_ranked(SEEN, PRECISION_5):
        labels = counted(len(data.candidates(SEEN).members), "label")
        return f"How near its first five labels come is not measured: there are {labels} to rank."
    softmax, random = (strongest_row(data, kind, SEEN, PRECISION_5) for kind in (SOFTMAX, RANDOM))
    return (
        f"Of its first five labels {with_interval(data, DEVISE, SEEN, PRECISION_5)} are "
        f"semantically right, {comparison(data, DEVISE, softmax, SEEN, PRECISION_5)} and "
        f"{comparison(data, DEVISE, random, SEEN, PRECISION_5)}"
        f"{_variants(data, SEEN, PRECISION_5)}."
    )


def _zero_shot(data: ReportData) -> str:
    names = data.zero_shot_sets()
    if not names:
        return "No class was held out of training, so nothing is said about unseen classes."
    name = names[0]
    conse = strongest_row(data, CONSE, name, HIT_1)
    seen_by = "its visual network had seen" if data.contaminated else "it never saw"
    return (
        f"For images of classes that {seen_by}, it picks the right one of "
        f"{len(data.candidates(name).members):,} first for "
        f"{with_interval(data, DEVISE, name, HIT_1)}, "
        f"{comparison(data, DEVISE, conse, name, HIT_1)}, {_against_chance(data, name)}"
        f"{_variants(data, name, HIT_1)}; when the seen classes compete as well, for "
        f"{with_interval(data, DEVISE, name + PLUS_SEEN, HIT_1)}."
    )


def _variants(data: ReportData, candidates: str, metric: str) -> str:
    """Say what the variant with the highest figure reaches, where the run has variants."""
    figures = {
        name: data.metrics[f"{name}/{candidates}/{metric}"]
        for name in data.final_models(candidates)
        if name in data.artifacts.variants and kind_of(name) == DEVISE and not saw_images(name)
    }
    if not figures:
        return ""
    best = max(figures, key=lambda name: figures[name])
    which = "its variant" if len(figures) == 1 else f"the highest of its {len(figures)} variants,"
    comma = "" if len(figures) == 1 else ","
    return f"; {which} “{name_of(best)}”{comma} reaches {percent(figures[best])}"


def _against_chance(data: ReportData, name: str) -> str:
    chance = data.metrics[f"{CHANCE}/{name}/{HIT_1}"]
    hit = data.metrics[f"{DEVISE}/{name}/{HIT_1}"]
    interval = interval_of(data, DEVISE, name, HIT_1)
    if interval is None:
        return f"where chance has {percent(chance)}"
    if interval[0] <= chance <= interval[1]:
        return f"not told apart from chance ({percent(chance)}) either"
    return f"and {hit / chance:.1f} times chance ({percent(chance)})"


def shown_models(data: ReportData, candidates: str, column: str) -> list[str]:
    """Return the rows of a card: of each kind the one that is called by it, and the strongest.

    None is over label vectors that were trained on images: its figures are no zero-shot ones.

    Args:
        data: Of the report.
        candidates: Name of the candidate set.
        column: The figure.
    """
    final = data.final_models(candidates)
    figures: dict[str, dict[str, float]] = {}
    for model in (one for one in final if not (is_calibrated(one) or saw_images(one))):
        of_kind = figures.setdefault(kind_of(model), {})
        of_kind[model] = data.metrics[f"{model}/{candidates}/{column}"]
    shown = {*KINDS, *map(strongest, figures.values())}
    return [model for model in final if model in shown]


def _card(data: ReportData, candidates: str, column: str, title: str) -> Markup:
    models = [*shown_models(data, candidates, column), CHANCE]
    figures = {model: data.metrics[f"{model}/{candidates}/{column}"] for model in models}
    intervals = {model: interval_of(data, model, candidates, column) for model in models}
    highest = max([*figures.values(), *(span[1] for span in intervals.values() if span)])
    rows = [
        _bar(data, model, figure, intervals[model], highest or 1.0)
        for model, figure in figures.items()
    ]
    return element("div", element("h3", title), *rows, class_="card")


def _bar(
    data: ReportData,
    model: str,
    figure: float,
    interval: tuple[float, float] | None,
    highest: float,
) -> Markup:
    colour = colour_of(model, data.models)
    parts = [element("i", class_=f"back {colour}", style=f"width:{100 * figure / highest:.1f}%")]
    if interval is not None:
        low, high = (100 * bound / highest for bound in interval)
        span = f"left:{low:.1f}%;width:{high - low:.1f}%"
        said = f"95 % interval {100 * interval[0]:.1f} to {100 * interval[1]:.1f} %"
        parts.append(element("u", style=span, title=said))
    return element(
        "div",
        element("span", name_of(model)),
        element("span", *parts, class_="track"),
        element("b", percent(figure)),
        class_="bar" + (" main" if model == DEVISE else ""),
    )


SECTION = Section("summary", "Summary", "Summary", summary_section)
