"""What came out, in three sentences and a few large figures, all made from the metrics."""

from components.evaluate.report.data import MODEL_NAMES, ReportData
from components.evaluate.report.markup import Markup, element
from components.shared.candidate_sets import PLUS_SEEN, SEEN

HIT_1 = "flat_hit_at_1"
PRECISION_5 = "hierarchical_precision_at_5"


def summary_section(data: ReportData) -> Markup:
    """Show the three sentences and the headline figures."""
    paragraph = element("p", " ".join(sentences(data)), class_="lead")
    cards = [_card(data, SEEN, HIT_1, "Seen classes: first label right")]
    cards.append(_card(data, SEEN, PRECISION_5, "Seen classes: first five labels near the truth"))
    for name in data.zero_shot_sets():
        cards.append(_card(data, name, HIT_1, f"Zero-shot ({name}): first label right"))
    return element(
        "section",
        element("h2", "Summary"),
        paragraph,
        element("div", *cards, class_="cards"),
        id="summary",
    )


def sentences(data: ReportData) -> list[str]:
    """Return three sentences: hits on seen classes, nearness of errors, zero-shot."""
    return [_hits(data), _nearness(data), _zero_shot(data)]


def _hits(data: ReportData) -> str:
    seen = data.candidates(SEEN)
    return (
        f"On {int(seen.images.sum()):,} test images of the {len(seen.members):,} classes it was "
        f"trained on, DeViSE names the right one first for {_share(data, 'devise', SEEN, HIT_1)} "
        f"(softmax {_share(data, 'softmax', SEEN, HIT_1)}, "
        f"chance {_share(data, 'chance', SEEN, HIT_1)})."
    )


def _nearness(data: ReportData) -> str:
    devise, softmax, random = (
        data.metrics[f"{model}/{SEEN}/{PRECISION_5}"] for model in ("devise", "softmax", "random")
    )
    return (
        f"Of its first five labels {_percent(devise)} are semantically right, which is "
        f"{_compared(devise, softmax)} the softmax ({_percent(softmax)}) and "
        f"{_compared(devise, random)} the same network trained on random label vectors "
        f"({_percent(random)})."
    )


def _zero_shot(data: ReportData) -> str:
    names = data.zero_shot_sets()
    if not names:
        return "No class was held out of training, so nothing is said about unseen classes."
    name = names[0]
    labels = len(data.candidates(name).members)
    chance = data.metrics[f"chance/{name}/{HIT_1}"]
    hit = data.metrics[f"devise/{name}/{HIT_1}"]
    return (
        f"For images of classes it never saw, it picks the right one of {labels:,} first for "
        f"{_percent(hit)}, {hit / chance:.1f} times chance (ConSE "
        f"{_share(data, 'conse', name, HIT_1)}), and for "
        f"{_share(data, 'devise', name + PLUS_SEEN, HIT_1)} when the seen classes compete as well."
    )


def _compared(figure: float, other: float) -> str:
    if other == 0:
        return "as much as" if figure == 0 else "more than"
    change = figure / other - 1
    if abs(change) < 0.0005:
        return "as much as"
    return f"{_percent(abs(change))} {'more' if change > 0 else 'less'} than"


def _card(data: ReportData, candidates: str, column: str, title: str) -> Markup:
    models = [*data.models(candidates), "chance"]
    figures = {model: data.metrics[f"{model}/{candidates}/{column}"] for model in models}
    rows = [_bar(model, figure, max(figures.values())) for model, figure in figures.items()]
    return element("div", element("h3", title), *rows, class_="card")


def _bar(model: str, figure: float, highest: float) -> Markup:
    width = 100 * figure / highest if highest else 0.0
    bar = element("i", class_=f"c-{model}", style=f"width:{width:.1f}%")
    return element(
        "div",
        element("span", MODEL_NAMES[model]),
        element("span", bar, class_="track"),
        element("b", _percent(figure)),
        class_="bar" + (" main" if model == "devise" else ""),
    )


def _share(data: ReportData, model: str, candidates: str, column: str) -> str:
    return _percent(data.metrics[f"{model}/{candidates}/{column}"])


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
