"""Test images with the first five labels of every model, drawn at random, as in figure 2."""

import base64
import math
from collections.abc import Mapping, Sequence

import numpy as np

from components.draw_report.colours import colour_of
from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.section import Section
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.evaluation import DEVISE, KINDS, is_phase_1
from components.shared.artifacts.model_names import name_of
from components.shared.plurals import counted

Labels = Sequence[tuple[str, float]]
"""A model's first labels for one image, each with its cosine, NaN where it has none."""

FIRST = 5
OPEN_LISTS = 6
"""Models whose labels are shown at once; where there are more, the others can be opened."""

USUAL = KINDS[:OPEN_LISTS]
"""Shown at once before any other."""

TRUE_MARK, NEAR_MARK = "✓", "≈"

ANSWERS = {"all": "right or wrong", "wrong": "wrong", "right": "right"}
ORDERS = {
    "drawn": "as drawn",
    "surest": "highest cosine first",
    "least": "lowest cosine first",
    "name": "by class",
}
"""What the page's script knows to do, and what it is called."""


def gallery_section(data: ReportData) -> list[Child]:
    """Show images of seen classes and of the zero-shot sets, as many of each as possible."""
    drawn = drawn_images(data)
    cards = [card for candidates, places in drawn for card in _cards(data, candidates, places)]
    note = element(
        "p",
        element("span", TRUE_MARK, class_="sign true"), " the true label, ",
        element("span", NEAR_MARK, class_="sign near"),
        " semantically right (near the true one in the hierarchy, for k = 5). The number behind a "
        "label is the cosine between it and the image; the softmax has none. The images were drawn "
        "at random, not picked. On zero-shot images all but the softmax choose among the labels of "
        "that set; the softmax knows only the seen ones.",
        class_="note",
    )  # fmt: skip
    controls = _controls([candidates for candidates, places in drawn if places])
    return [note, controls, element("div", *cards, class_="gallery")]


def _controls(sets: Sequence[CandidateSet]) -> Markup:
    """Return what filters and sorts the cards; hidden until the page's script can do it."""
    named = {one.name: _title(one) for one in sets}
    shown = _choice("Show", {"all": "all images", **named})
    answer = _choice("First label of DeViSE", ANSWERS)
    order = _choice("Order", ORDERS)
    count = element("output", aria_live="polite")
    return element("div", shown, answer, order, count, class_="controls", hidden="")


def _choice(title: str, options: Mapping[str, str]) -> Markup:
    texts = [element("option", text, value=value) for value, text in options.items()]
    return element("label", element("span", title), element("select", *texts))


def _title(candidates: CandidateSet) -> str:
    return f"zero-shot: {candidates.name}" if candidates.is_zero_shot else "seen classes"


def drawn_images(data: ReportData) -> list[tuple[CandidateSet, list[int]]]:
    """Draw images for each set: positions among its tested images, without repeats."""
    names = [SEEN, *data.zero_shot_sets()]
    shares = np.diff(np.linspace(0, data.gallery_images, len(names) + 1).round().astype(int))
    drawn = []
    for number, (name, share) in enumerate(zip(names, shares, strict=True)):
        candidates = data.candidates(name)
        order = np.random.default_rng([data.seed, number]).permutation(candidates.images.sum())
        drawn.append((candidates, sorted(order[:share].tolist())))
    return drawn


def _cards(data: ReportData, candidates: CandidateSet, places: Sequence[int]) -> list[Markup]:
    models = data.answering(candidates.name)
    answers = [first_labels(data, model, candidates, places, FIRST) for model in models]
    rows = np.flatnonzero(candidates.images)[places].tolist()
    return [
        _card(data, candidates, row, dict(zip(models, labels, strict=True)))
        for row, *labels in zip(rows, *answers, strict=True)
    ]


def first_labels(
    data: ReportData, model: str, candidates: CandidateSet, places: Sequence[int], most: int
) -> list[Labels]:
    """Return what a model calls some images of a candidate set; its ranking is read once.

    Args:
        data: Of the report.
        model: Whose answers.
        candidates: What it chose among.
        places: Of the images, among the tested ones of the set.
        most: Labels an image.
    """
    if not places:
        return []
    wnids = data.answers[model, candidates.name][places, :most].tolist()
    cosines = data.cosines[model, candidates.name][places, :most].tolist()
    return [
        [pair for pair in zip(*image, strict=True) if pair[0] is not None]
        for image in zip(wnids, cosines, strict=True)
    ]


def _card(
    data: ReportData, candidates: CandidateSet, row: int, answers: Mapping[str, Labels]
) -> Markup:
    truth = str(data.frame["wnid"][row])
    near = data.correct[candidates.labels][truth].members(FIRST)
    shown, further = (
        [_labels(data, model, answers[model], truth, near) for model in models]
        for models in shown_models(list(answers))
    )
    first, cosine = next(iter(answers[DEVISE]), (None, math.nan))
    return element(
        "article",
        _head(data, candidates, row, truth),
        element("div", *shown, class_="answers"),
        *_further(further),
        data_set=candidates.name,
        data_answer="right" if first == truth else "wrong",
        data_cosine=None if math.isnan(cosine) else f"{cosine:.3f}",
        data_name=data.names[truth],
    )


def _head(data: ReportData, candidates: CandidateSet, row: int, truth: str) -> Markup:
    badge = "zero-shot" if candidates.is_zero_shot else "seen"
    about = element(
        "div",
        element("b", data.names[truth], title=truth),
        element("span", badge, class_=f"badge {badge}"),
        element("small", str(data.frame["path"][row])),
    )
    return element("div", _image(data.read_image(row), data.names[truth]), about, class_="head")


def shown_models(models: list[str]) -> tuple[list[str], list[str]]:
    """Return the models of which a card shows the labels at once, and those that can be opened.

    First to be put aside are the models after phase 1, then the last of the table but for those
    that are called by a kind's name.
    """
    if len(models) <= OPEN_LISTS:
        return models, []
    final = [model for model in models if not is_phase_1(model)]
    usual = [model for model in USUAL if model in final]
    shown = {*usual, *[model for model in final if model not in usual][: OPEN_LISTS - len(usual)]}
    return [m for m in models if m in shown], [m for m in models if m not in shown]


def _further(lists: list[Markup]) -> list[Markup]:
    if not lists:
        return []
    summary = element("summary", counted(len(lists), "more model"))
    return [element("details", summary, element("div", *lists, class_="answers"))]


def _image(jpeg: bytes, name: str) -> Markup:
    source = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
    return element("img", src=source, alt=name, loading="lazy")


def _labels(
    data: ReportData, model: str, labels: Labels, truth: str, near: frozenset[str]
) -> Markup:
    items = [_label(data, wnid, cosine, truth, near) for wnid, cosine in labels]
    colour = colour_of(model, data.models)
    return element(
        "div",
        element("h4", element("i", class_=f"swatch back {colour}"), name_of(model)),
        element("ol", *items) if items else element("p", "no answer", class_="note"),
    )


def _label(data: ReportData, wnid: str, cosine: float, truth: str, near: frozenset[str]) -> Markup:
    kind, mark = "", ""
    if wnid == truth:
        kind, mark = "true", TRUE_MARK
    elif wnid in near:
        kind, mark = "near", NEAR_MARK
    sign = [element("span", mark, class_="sign")] if mark else []
    number = element("data", _written(cosine), value=f"{cosine:.3f}")
    # Before the name, so that it stands at the right of its first line.
    before = sign if math.isnan(cosine) else [number, *sign]
    return element("li", *before, data.names[wnid], class_=kind or None, title=wnid)


def _written(cosine: float) -> str:
    """Write a cosine with two digits and no zero before the point."""
    text = f"{cosine:.2f}"
    return ".00" if float(text) == 0 else text.replace("0.", ".").replace("-", "−")


SECTION = Section("gallery", "Images", "Test images and their first five labels", gallery_section)
