"""What the method is: the drawing, the paper, and every word of the tables in a line."""

from collections.abc import Sequence

import numpy as np

from components.draw_report.data import ReportData
from components.draw_report.drawing.markup import Child, Markup, element
from components.draw_report.drawing.method import LABELS_AT, method_drawing
from components.draw_report.section import Section
from components.draw_report.sections.gallery import drawn_images, first_labels
from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.evaluation import (
    CHANCE,
    CONSE,
    CONSE_HIERARCHY,
    CONTINUED,
    DEVISE,
    DGP,
    ESZSL,
    EXEM,
    RANDOM,
    SOFTMAX,
    SOFTMAX_HIERARCHY,
    is_phase_1,
    without_text,
)
from components.shared.artifacts.model_names import name_of
from components.shared.ranking.published import PAPER_ADDRESS
from components.shared.statistics.claims import BEST

BEST_WITHOUT_TEXT = without_text(BEST)


def method_section(data: ReportData) -> list[Child]:
    """Show how an image gets its labels, and what is measured against what."""
    link = element(
        "a", "Frome et al., NIPS 2013", href=PAPER_ADDRESS, target="_blank", rel="noopener"
    )
    text = element(
        "p",
        "DeViSE (",
        link,
        ") learns where among the vectors of words an image belongs. The vectors come from text "
        "alone, so that an image can get the name of a class that no training image ever had. "
        "The drawing shows an image of this run and the labels that it got.",
    )
    words = element("dl", *(element("div", *pair) for pair in _words(data)), class_="words")
    return [element("div", text, element("div", *_drawing(data)), class_="columns"), words]


def _drawing(data: ReportData) -> list[Markup]:
    """Draw the gallery's first image that DeViSE names right, a zero-shot one if there is any."""
    drawn = [one for part in reversed(drawn_images(data)) for one in _named(data, *part)]
    right = [(row, wnids) for row, wnids in drawn if wnids[:1] == [data.frame["wnid"][row]]]
    return [
        method_drawing(data.read_image(row), [data.names[wnid] for wnid in wnids])
        for row, wnids in [*right, *drawn][:1]
    ]


def _named(
    data: ReportData, candidates: CandidateSet, places: Sequence[int]
) -> list[tuple[int, list[str]]]:
    """Return the row of each image, and the labels that DeViSE gives it."""
    rows = np.flatnonzero(candidates.images)[places].tolist()
    labels = first_labels(data, DEVISE, candidates, places, len(LABELS_AT))
    return [(row, [wnid for wnid, _ in own]) for row, own in zip(rows, labels, strict=True)]


def _words(data: ReportData) -> list[tuple[Markup, Markup]]:
    """Explain what is measured, and the models that this run has."""
    there = {model: text for model, text in _models(data).items() if model in data.models}
    phases = [model for model in data.models if is_phase_1(model)]
    rows = {
        "Seen, zero-shot": "classes with training images, and classes without any.",
        "hit@k": "the share of images whose one true label is among the first k.",
        "Hierarchical precision@k": "the share of the first k labels that are near the true one in "
        "the hierarchy of meanings, itself included: blue shark for tiger shark. The "
        "near ones (hCorrectSet) are those within the fewest hops that hold at least k labels.",
        **{name_of(model): text for model, text in there.items()},
        **({"Phase 1": "with the visual model still frozen, before all of it is trained."}
           if phases else {}),
        name_of(CHANCE): "what labels drawn at random would reach.",
        "95 % interval": "where the figure would lie for other test images like these, and of "
        "unseen classes for other classes.",
    }  # fmt: skip
    return [(element("dt", term), element("dd", text)) for term, text in rows.items()]


def _models(data: ReportData) -> dict[str, str]:
    """Say what each model is, and what it decides; variants say it themselves by their settings."""
    top = data.facts["parameters"].get("conse_top", "T")
    return {
        SOFTMAX: "the visual model as a common classifier: it knows the seen classes alone.",
        CONTINUED: "the same, trained for as long again as DeViSE was.",
        SOFTMAX_HIERARCHY: "the softmax's probabilities, summed over what lies near in the "
        "hierarchy, and no words: what hierarchical precision the hierarchy alone gives (after "
        "Karthik et al. 2021).",
        DEVISE: "images projected among the vectors of words.",
        BEST_WITHOUT_TEXT: "the best DeViSE with random vectors in place of words, and all else, "
        "the hierarchy too, as it was: what is left of it without text.",
        RANDOM: "DeViSE's training with random vectors for words: what the text is worth.",
        CONSE: f"no training of its own: the mean of the vectors of the softmax's {top} most "
        "probable classes, weighted by probability, and the labels nearest to it "
        "(Norouzi et al. 2014).",
        CONSE_HIERARCHY: "the same with hops in the hierarchy in place of vectors: what zero-shot "
        "hits need no words.",
        EXEM: "no training of its own: the mean image of a class, predicted from the label's "
        "vector by kernel ridge regression (Changpinyo et al. 2017). What training by ranks is "
        "worth.",
        ESZSL: "a bilinear form between features and label vectors, in closed form (Romera-Paredes "
        "and Torr 2015).",
        DGP: "a graph network that predicts a classifier's weights from words and hierarchy "
        "(Kampffmeyer et al. 2019).",
    }


SECTION = Section("method", "Method", "What the method is", method_section)
