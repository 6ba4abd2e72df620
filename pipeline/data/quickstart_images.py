"""The quickstart's images: small drawings of the kinds, each image from a seed of its own.

The family gives the shape and, mostly, the surroundings (water, road, meadow), the kind's own
attributes colour and pattern; place, size, tilt, light and a blot over the picture are noise.
"""

import colorsys
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from pipeline.data.quickstart_classes import KINDS, Kind

SIZE = 64
CANVAS = 128  # drawn at twice the size and scaled down, for smooth edges
IMAGES = {"train": 60, "val": 40}
HUES = {"red": 0.0, "yellow": 0.14, "blue": 0.61, "green": 0.34, "white": 0.1}
# The surroundings' mean colour, red, green, blue of 0 to 255; ODD of the images have others.
SURROUNDINGS = {
    "bird": (150, 195, 230),
    "fish": (30, 80, 120),
    "fruit": (190, 135, 85),
    "vehicle": (125, 125, 130),
    "flower": (95, 155, 65),
    "insect": (75, 60, 40),
}
ODD = 0.08

Outline = list[tuple[float, float]]


def ellipse(x: float, y: float, width: float, height: float, tilt: float = 0.0) -> Outline:
    """Return the outline of an ellipse by its centre, half axes and tilt in radians."""
    turns = [2 * math.pi * i / 20 for i in range(20)]
    spots = [(width * math.cos(turn), height * math.sin(turn)) for turn in turns]
    cos, sin = math.cos(tilt), math.sin(tilt)
    return [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in spots]


def _box(left: float, top: float, right: float, bottom: float) -> Outline:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _petals() -> list[Outline]:
    turns = [2 * math.pi * i / 6 for i in range(6)]
    return [ellipse(0.6 * math.cos(t), 0.6 * math.sin(t), 0.42, 0.24, t) for t in turns]


def _legs() -> list[Outline]:
    return [_box(x - 0.03, -0.62, x + 0.03, 0.62) for x in (-0.4, 0.05, 0.4)]


# family: (outlines in the kind's colour and pattern, dark outlines), within [-1, 1] each way.
SHAPES: dict[str, tuple[list[Outline], list[Outline]]] = {
    "bird": (
        [ellipse(-0.1, 0.1, 0.6, 0.4), ellipse(0.45, -0.4, 0.27, 0.27),
         [(-0.5, 0.0), (-1.0, -0.25), (-0.95, 0.25)]],
        [[(0.68, -0.5), (1.0, -0.35), (0.68, -0.28)], _box(-0.15, 0.45, -0.08, 0.95),
         _box(0.1, 0.45, 0.17, 0.95)],
    ),
    "fish": (
        [ellipse(0.1, 0.0, 0.75, 0.38), [(-0.5, 0.0), (-1.0, -0.5), (-1.0, 0.5)],
         [(-0.1, -0.3), (0.35, -0.3), (-0.05, -0.75)]],
        [ellipse(0.6, -0.08, 0.07, 0.07)],
    ),
    "fruit": (
        [ellipse(0.0, 0.1, 0.75, 0.75)],
        [_box(-0.05, -0.95, 0.05, -0.6), ellipse(0.25, -0.8, 0.25, 0.1, -0.4)],
    ),
    "vehicle": (
        [_box(-0.95, -0.3, 0.95, 0.45), _box(-0.95, -0.7, 0.45, -0.25)],
        [ellipse(-0.55, 0.5, 0.24, 0.24), ellipse(0.55, 0.5, 0.24, 0.24),
         _box(0.1, -0.55, 0.38, -0.3)],
    ),
    "flower": (_petals(), [ellipse(0.0, 0.0, 0.26, 0.26)]),
    "insect": (
        [ellipse(-0.5, 0.0, 0.42, 0.4), ellipse(0.1, 0.0, 0.28, 0.26),
         ellipse(0.55, 0.0, 0.22, 0.22)],
        _legs(),
    ),
}  # fmt: skip


def _placement(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return the 2 x 3 map from shape coordinates to canvas pixels."""
    size = CANVAS * rng.uniform(0.2, 0.4)
    stretch = math.sqrt(kind.slenderness) * rng.uniform(0.85, 1.18)
    tilt = rng.normal(0, 0.3)
    flip = rng.choice([-1.0, 1.0])
    turn = np.array([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]])
    scale = np.diag([size * stretch * flip, size / stretch])
    centre = CANVAS / 2 + rng.uniform(-0.14, 0.14, size=2) * CANVAS
    return np.hstack([turn @ scale, centre[:, None]])


def _mask(outlines: list[Outline], placement: np.ndarray) -> np.ndarray:
    """Return where the outlines cover the canvas: float [CANVAS, CANVAS, 1] of 0 and 1."""
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    for outline in outlines:
        points = np.asarray(outline) @ placement[:, :2].T + placement[:, 2]
        draw.polygon([(float(x), float(y)) for x, y in points], fill=255)
    return np.asarray(image, dtype=np.float32)[:, :, None] / 255


def _colour(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return the kind's colour in this image: float [3] of 0 to 1."""
    saturation = rng.uniform(0, 0.2) if kind.colour == "white" else rng.uniform(0.35, 0.9)
    hue = (HUES[kind.colour] + rng.normal(0, 0.05)) % 1
    return np.array(colorsys.hsv_to_rgb(hue, saturation, rng.uniform(0.55, 0.95)), dtype=np.float32)


def _marks(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return how dark the kind's pattern is at each pixel: float [CANVAS, CANVAS, 1]."""
    y, x = np.mgrid[0:CANVAS, 0:CANVAS].astype(np.float32)
    angle, period = rng.normal(0, 0.35), CANVAS * rng.uniform(0.09, 0.13)
    across = (x * math.cos(angle) + y * math.sin(angle)) * (2 * math.pi / period)
    along = (y * math.cos(angle) - x * math.sin(angle)) * (2 * math.pi / period)
    if kind.pattern == "plain":
        return np.zeros((CANVAS, CANVAS, 1), dtype=np.float32)
    wave = np.sin(across) if kind.pattern == "striped" else np.sin(across) * np.sin(along) - 0.35
    marks: np.ndarray = (wave > 0)[:, :, None] * np.float32(rng.uniform(0.2, 0.6))
    return marks


def _clouds(cells: int, mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a smooth random picture around a colour: float [CANVAS, CANVAS, 3] of 0 to 1."""
    grey = rng.uniform(-45, 45, size=(cells, cells, 1))
    tint = rng.uniform(-15, 15, size=(cells, cells, 3))
    coarse = np.clip(mean + grey + tint, 0, 255).astype(np.uint8)
    smooth = Image.fromarray(coarse).resize((CANVAS, CANVAS), Image.Resampling.BICUBIC)
    return np.asarray(smooth, dtype=np.float32) / 255


def _surroundings(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    odd = rng.random() < ODD
    mean = rng.uniform(40, 215, size=3) if odd else np.array(SURROUNDINGS[kind.family])
    return _clouds(int(rng.integers(2, 7)), mean + rng.normal(0, 10, size=3), rng)


def _blot(rng: np.random.Generator) -> np.ndarray:
    x, y = rng.uniform(-0.9, 0.9, size=2)
    spot = ellipse(x, y, rng.uniform(0.2, 0.6), rng.uniform(0.15, 0.45), rng.uniform(0, 3))
    return _mask([spot], np.array([[CANVAS / 3, 0, CANVAS / 2], [0, CANVAS / 3, CANVAS / 2]]))


def draw(kind: Kind, rng: np.random.Generator) -> Image.Image:
    """Return one picture of a kind, SIZE x SIZE pixels."""
    placement = _placement(kind, rng)
    body, dark = (_mask(outlines, placement) for outlines in SHAPES[kind.family])
    picture = _surroundings(kind, rng)
    picture = picture * (1 - body) + _colour(kind, rng) * (1 - _marks(kind, rng)) * body
    picture = picture * (1 - dark) + 0.15 * dark
    blot = _blot(rng)
    picture = picture * (1 - blot) + _clouds(2, rng.uniform(40, 215, size=3), rng) * blot
    light = rng.uniform(0.7, 1.15) * picture + rng.normal(0, 0.06, size=picture.shape)
    pixels = (np.clip(light, 0, 1) * 255).astype(np.uint8)
    return Image.fromarray(pixels).resize((SIZE, SIZE), Image.Resampling.BOX)


def write_images(folder: Path, seed: int) -> None:
    """Write folder/<split>/<wnid>/<wnid>_<number>.jpg for every kind."""
    for split_number, (split, count) in enumerate(IMAGES.items()):
        for kind_number, kind in enumerate(KINDS):
            target = folder / split / kind.wnid
            target.mkdir(parents=True)
            for number in range(count):
                rng = np.random.default_rng([seed, 2, split_number, kind_number, number])
                draw(kind, rng).save(target / f"{kind.wnid}_{number}.jpg", quality=88)
