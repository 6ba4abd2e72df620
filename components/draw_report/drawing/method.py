"""The method as a drawing: an image's way and the text's way into one space of word vectors."""

import base64
from collections.abc import Sequence

from components.draw_report.drawing.charts import svg_text
from components.draw_report.drawing.markup import Markup, element

WIDTH, HEIGHT = 640.0, 372.0
BOX_WIDTH, BOX_HEIGHT = 148.0, 54.0
LEFT, RIGHT = 2.0, WIDTH - BOX_WIDTH - 2.0
ROWS = (10.0, 108.0, 190.0)
SPACE_X, SPACE_Y, SPACE_WIDTH, SPACE_HEIGHT = 190.0, 40.0, 240.0, 214.0
IMAGE_AT = (SPACE_X + 106.0, SPACE_Y + 112.0)
LABELS_AT = ((14.0, -34.0), (-40.0, 32.0), (40.0, 66.0), (-46.0, -70.0))
"""Where labels lie from the image, the nearest first."""
LONGEST_NAME = 17
"""Characters of a label that are written out."""


def method_drawing(jpeg: bytes, labels: Sequence[str]) -> Markup:
    """Draw the parts of the method and what flows between them.

    Args:
        jpeg: An image of the run.
        labels: What the model calls it, the nearest first; at most as many as there are places.
    """
    parts = [
        _arrow_heads(),
        *_image(jpeg),
        *_box(LEFT, ROWS[1], "Visual model", "features v"),
        *_box(LEFT, ROWS[2], "Projection M", "learned: M·v"),
        *_box(RIGHT, ROWS[0], "Text", "no images"),
        *_box(RIGHT, ROWS[1], "Language model", "a vector a word"),
        *_arrows(),
        *_space(labels),
        *_answer(labels),
    ]
    said = (
        "An image goes through the visual model and a projection into the space of word vectors, "
        "which a language model made from text. The nearest labels there are its labels."
    )
    box = f"0 0 {WIDTH:g} {HEIGHT:g}"
    drawing = element("svg", *parts, viewBox=box, role="img", aria_label=said)
    return element("figure", drawing, class_="method")


def _arrow_heads() -> Markup:
    head = element("path", d="M0 0 8 4 0 8z", class_="arrow-head")
    marker = element(
        "marker", head, id="arrow", markerWidth=8, markerHeight=8, refX=7, refY=4, orient="auto"
    )
    return element("defs", marker)


def _image(jpeg: bytes) -> list[Markup]:
    source = "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
    side = 76.0
    x = LEFT + (BOX_WIDTH - side) / 2
    return [element("image", href=source, x=x, y=2, width=side, height=side)]


def _box(x: float, y: float, title: str, remark: str) -> list[Markup]:
    middle = x + BOX_WIDTH / 2
    return [
        element("rect", x=x, y=y, width=BOX_WIDTH, height=BOX_HEIGHT, rx=8, class_="box"),
        svg_text(title, middle, y + 23, "middle", "title"),
        svg_text(remark, middle, y + 42, "middle"),
    ]


def _arrows() -> list[Markup]:
    left, right = LEFT + BOX_WIDTH / 2, RIGHT + BOX_WIDTH / 2
    end = SPACE_X + SPACE_WIDTH
    paths = (
        f"M{left:g} 80V{ROWS[1] - 4:g}",
        f"M{left:g} {ROWS[1] + BOX_HEIGHT:g}V{ROWS[2] - 4:g}",
        f"M{LEFT + BOX_WIDTH:g} {ROWS[2] + 27:g}H{SPACE_X - 4:g}",
        f"M{right:g} {ROWS[0] + BOX_HEIGHT:g}V{ROWS[1] - 4:g}",
        f"M{RIGHT:g} {ROWS[1] + 27:g}H{end + 4:g}",
        f"M{SPACE_X + SPACE_WIDTH / 2:g} {SPACE_Y + SPACE_HEIGHT:g}v22",
    )
    return [element("path", d=path, class_="arrow", marker_end="url(#arrow)") for path in paths]


def _space(labels: Sequence[str]) -> list[Markup]:
    x, y = IMAGE_AT
    frame = element(
        "rect", x=SPACE_X, y=SPACE_Y, width=SPACE_WIDTH, height=SPACE_HEIGHT, rx=14, class_="space"
    )
    middle = SPACE_X + SPACE_WIDTH / 2
    parts = [frame, svg_text("Space of word vectors", middle, SPACE_Y - 10, "middle", "title")]
    spots = [(x + dx, y + dy) for (dx, dy), _ in zip(LABELS_AT, labels, strict=False)]
    parts += [
        element("line", x1=x, y1=y, x2=px, y2=py, class_="near-line" if place == 0 else "far-line")
        for place, (px, py) in enumerate(spots)
    ]
    for (px, py), label in zip(spots, labels, strict=False):
        parts.append(element("circle", cx=px, cy=py, r=5, class_="word"))
        parts.append(svg_text(_short(label), px, py - 9, "middle", "label"))
    return [*parts, element("circle", cx=x, cy=y, r=7, class_="image-point"),
            svg_text("the image", x + 12, y + 5, "start", "label own")]  # fmt: skip


def _answer(labels: Sequence[str]) -> list[Markup]:
    y = SPACE_Y + SPACE_HEIGHT + 44
    middle = SPACE_X + SPACE_WIDTH / 2
    title = svg_text("Nearest labels, by cosine", middle, y, "middle", "title")
    names = [
        svg_text(f"{place}. {_short(label)}", middle, y + 22 * place, "middle", "answer")
        for place, label in enumerate(labels[:3], 1)
    ]
    return [title, *names]


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
