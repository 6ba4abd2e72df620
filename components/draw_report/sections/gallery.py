"""Test images with the first five labels of every model, drawn at random, as in figure 2."""

import base64

import numpy as np

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.names import colour_of, name_of
from components.draw_report.section import Section
from components.shared.artifacts.candidate_sets import SEEN, CandidateSet
from components.shared.artifacts.evaluation import CONSE, DEVISE, RANDOM, SOFTMAX, is_phase_1

FIRST = 5
OPEN_LISTS = 6
"""Models whose labels are shown at once; where there are more, the others can be opened."""

USUAL = (SOFTMAX, DEVISE, RANDOM, CONSE)
"""Shown at once before any other."""

TRUE_MARK, NEAR_MARK = "✓", "≈"


def gallery_section(data: ReportData) -> list[Child]:
    """Show images of seen classes and of the zero-shot sets, as many of each as possible."""
    cards = [
        _card(data, candidates, place)
        for candidates, places in drawn_images(data)
        for place in places
    ]
    note = element(
        "p",
        element("span", TRUE_MARK, class_="sign true"), " the true label, ",
        element("span", NEAR_MARK, class_="sign near"),
        " semantically right (in hCorrectSet for k = 5). The images were drawn at random, not "
        "picked. On zero-shot images DeViSE, random vectors and ConSE choose among the labels of "
        "that set; the softmax knows only the seen ones.",
        class_="note",
    )  # fmt: skip
    return [
        note,
        element("div", *cards, class_="gallery"),
    ]


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


def _card(data: ReportData, candidates: CandidateSet, place: int) -> Markup:
    row = int(np.flatnonzero(candidates.images)[place])
    truth = str(data.frame["wnid"][row])
    badge = "zero-shot" if candidates.is_zero_shot else "seen"
    head = element(
        "div",
        _image(data.read_image(row), data.names[truth]),
        element(
            "div",
            element("b", data.names[truth], title=truth),
            element("span", badge, class_=f"badge {badge}"),
            element("small", str(data.frame["path"][row])),
        ),
        class_="head",
    )
    shown, further = shown_models(data.answering(candidates.name))
    lists = [_labels(data, candidates, model, place, truth) for model in shown]
    others = [_labels(data, candidates, model, place, truth) for model in further]
    return element("article", head, element("div", *lists, class_="answers"), *_further(others))


def shown_models(models: list[str]) -> tuple[list[str], list[str]]:
    """Return the models of which a card shows the labels at once, and those that can be opened.

    First to be put aside are the models after phase 1, then the last of the table but for ConSE.
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
    summary = element("summary", f"{len(lists)} more models")
    return [element("details", summary, element("div", *lists, class_="answers"))]


def _image(jpeg: bytes, name: str) -> Markup:
    source = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
    return element("img", src=source, alt=name, loading="lazy")


def _labels(
    data: ReportData, candidates: CandidateSet, model: str, place: int, truth: str
) -> Markup:
    ranking = data.answers[model, candidates.name][place, :FIRST]
    near = data.correct[candidates.labels][truth].members(FIRST)
    items = [_label(data, wnid, truth, near) for wnid in ranking if wnid is not None]
    colour = colour_of(model, data.models)
    return element(
        "div",
        element("h4", element("i", class_=f"swatch back {colour}"), name_of(model)),
        element("ol", *items) if items else element("p", "no answer", class_="note"),
    )


def _label(data: ReportData, wnid: str, truth: str, near: frozenset[str]) -> Markup:
    kind, mark = "", ""
    if wnid == truth:
        kind, mark = "true", TRUE_MARK
    elif wnid in near:
        kind, mark = "near", NEAR_MARK
    sign = [element("span", mark, class_="sign")] if mark else []
    return element("li", *sign, data.names[wnid], class_=kind or None, title=wnid)


SECTION = Section("gallery", "Images", "Test images and first five labels", gallery_section)
