"""The model card: what the model was made from, what it is for and not for, what it gets wrong."""

from components.draw_report.claims import with_interval
from components.draw_report.confusion import confused_pairs
from components.draw_report.data import ReportData
from components.draw_report.drawing.charts import percent
from components.draw_report.drawing.markup import Child, element
from components.draw_report.section import Section
from components.draw_report.sections.classes import class_scores, is_ranked
from components.shared.artifacts.candidate_sets import PLUS_SEEN, SEEN
from components.shared.artifacts.evaluation import DEVISE
from components.shared.plurals import counted

HIT_1 = "flat_hit_at_1"
PAIRS = 3
"""Pairs of classes that are named."""


def model_card_section(data: ReportData) -> list[Child]:
    """Show the card, its figures those of the tables."""
    rows = {
        "Trained on": _trained_on(data),
        "Meant for": _meant_for(data),
        "Not meant for": _NOT_FOR,
        "Measured": _measured(data),
        "Gets wrong": _gets_wrong(data),
    }
    parts = [
        part
        for title, sentences in rows.items()
        for part in (
            element("dt", title),
            element("dd", *(element("p", sentence) for sentence in sentences)),
        )
    ]
    return [element("dl", *parts, class_="model-card")]


_NOT_FOR = (
    "Pictures unlike those of the training: other cameras, drawings, several things at once. It "
    "always gives labels, also to a picture of none of them; a cosine is no probability.",
    "Decisions about people, safety, health or rights. Whatever the text says of things, its "
    "prejudices too, is in the vectors of the words.",
)


def _trained_on(data: ReportData) -> list[str]:
    visual, space = data.artifacts.visual, data.artifacts.label_space
    known = visual.get("pretrained_classes") or []
    network = str(visual["architecture"])
    before = f", whose first weights had seen {counted(len(known), 'class', 'classes')}"
    without = space["without_vector"]
    spared = f"; {len(without):,} of them without a vector" if without else ""
    classes = data.artifacts.classes
    seen = classes[classes["seen"].astype(bool)]
    images, vectors = int(seen.get("train", seen["seen"] * 0).sum()), data.artifacts.devise["dim"]
    return [
        f"{counted(images, 'image')} of {counted(len(seen), 'seen class', 'seen classes')} "
        f"({network}{before if known else ''}).",
        f"Word vectors of {vectors} dimensions from text, for "
        f"{counted(len(data.artifacts.space.labels), 'label')}{spared}.",
        "Where the images came from, and all parameters, the last section says.",
    ]


def _meant_for(data: ReportData) -> list[str]:
    seen = counted(len(data.candidates(SEEN).members), "seen class", "seen classes")
    return [
        f"Ranking the {seen}, or any words that occur in the text, as labels of pictures like "
        "those of the training, where a near miss is better than a far one.",
        "Comparing methods: each is trained on the same images and ranks the same labels.",
    ]


def _measured(data: ReportData) -> list[str]:
    return [
        _figures(data, SEEN, "Seen classes"),
        *(_figures(data, name, f"Zero-shot ({name})") for name in data.zero_shot_sets()),
    ]


def _figures(data: ReportData, candidates: str, title: str) -> str:
    tested = data.candidates(candidates)
    return (
        f"{title}: the right one of {counted(len(tested.members), 'label')} is first for "
        f"{with_interval(data, DEVISE, candidates, HIT_1)} of "
        f"{counted(int(tested.images.sum()), 'image')}."
    )


def _gets_wrong(data: ReportData) -> list[str]:
    return [*_confused(data), *_worst(data), *_crowded_out(data)]


def _confused(data: ReportData) -> list[str]:
    pairs = confused_pairs(data)
    if not pairs:
        return ["No test image of the seen classes had a wrong first label."]
    wrong, images = sum(pair.images for pair in pairs), int(data.candidates(SEEN).images.sum())
    named = "; ".join(
        f"{data.names[pair.truth]} for {data.names[pair.taken_for]} ({pair.images:,})"
        for pair in pairs[:PAIRS]
    )
    return [
        f"{wrong:,} of {counted(images, 'test image')} of seen classes have another class's label "
        f"first; taken most often: {named}."
    ]


def _worst(data: ReportData) -> list[str]:
    seen = data.candidates(SEEN)
    worst = class_scores(data, seen)[-1]
    where, hits = "among the first five labels", worst.hits
    if not is_ranked(data, seen):
        where, hits = "first", worst.first
    return [
        f"It knows {data.names[worst.wnid]} least: right {where} for "
        f"{percent(hits / worst.images)} of {counted(worst.images, 'image')}."
    ]


def _crowded_out(data: ReportData) -> list[str]:
    """Say what is left of the first zero-shot set's figure once the seen labels compete."""
    return [
        "Seen labels crowd out unseen ones: where they compete, the right label of an unseen class "
        f"({name}) is first for {percent(data.metrics[f'{DEVISE}/{name}{PLUS_SEEN}/{HIT_1}'])}, "
        f"else for {percent(data.metrics[f'{DEVISE}/{name}/{HIT_1}'])}."
        for name in data.zero_shot_sets()[:1]
    ]


SECTION = Section("card", "Model card", "Model card: its use and its limits", model_card_section)
