"""The quickstart's images: small drawings of the kinds, each image from a seed of its own.

The sort gives the shape, the family mostly the surroundings (water, road, meadow), the kind's own
attributes colour and pattern; place, size, tilt, light and a blot over the picture are noise.
"""

import colorsys
import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from pipeline.data.quickstart_classes import KINDS, Kind
from pipeline.data.quickstart_shapes import SHAPES, Outline, ellipse

SIZE = 64
FINER = 2  # outlines are drawn at so many times the size and scaled down, for smooth edges
IMAGES = {"train": 22, "val": 16}
# colour: hue, and the ranges of saturation and brightness.
COLOURS = {
    "red": (0.0, (0.5, 0.9), (0.6, 0.95)),
    "yellow": (0.14, (0.5, 0.9), (0.7, 1.0)),
    "blue": (0.61, (0.4, 0.9), (0.55, 0.95)),
    "green": (0.34, (0.4, 0.9), (0.5, 0.9)),
    "white": (0.1, (0.0, 0.15), (0.8, 1.0)),
    "brown": (0.07, (0.45, 0.75), (0.3, 0.5)),
    "black": (0.6, (0.0, 0.3), (0.08, 0.2)),
}
DARK, PALE = 0.1, 0.9
# The surroundings' mean colour, red, green, blue of 0 to 255; ODD of the images have others.
SURROUNDINGS = {
    "bird": (150, 195, 230),
    "fish": (30, 80, 120),
    "fruit": (190, 135, 85),
    "vehicle": (125, 125, 130),
    "flower": (95, 155, 65),
    "insect": (95, 110, 60),
    "mammal": (205, 185, 130),
}
ODD = 0.08


def _placement(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return the 2 x 3 map from shape coordinates to pixels."""
    size = SIZE * rng.uniform(0.26, 0.42)
    stretch = math.sqrt(kind.slenderness) * rng.uniform(0.9, 1.12)
    tilt = rng.normal(0, 0.25)
    flip = rng.choice([-1.0, 1.0])
    turn = np.array([[math.cos(tilt), -math.sin(tilt)], [math.sin(tilt), math.cos(tilt)]])
    scale = np.diag([size * stretch * flip, size / stretch])
    centre = SIZE / 2 + rng.uniform(-0.1, 0.1, size=2) * SIZE
    return np.hstack([turn @ scale, centre[:, None]])


def _mask(outlines: list[Outline], placement: np.ndarray) -> np.ndarray:
    """Return how much of each pixel the outlines cover: float [SIZE, SIZE, 1] of 0 to 1."""
    image = Image.new("L", (SIZE * FINER, SIZE * FINER))
    draw = ImageDraw.Draw(image)
    for outline in outlines:
        points = FINER * (np.asarray(outline) @ placement[:, :2].T + placement[:, 2])
        draw.polygon(points.ravel().tolist(), fill=255)
    return np.asarray(image.reduce(FINER), dtype=np.float32)[:, :, None] / 255


def _colour(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return the kind's colour in this image: float [3] of 0 to 1."""
    hue, saturation, brightness = COLOURS[kind.colour]
    turned = (hue + rng.normal(0, 0.03)) % 1
    mixed = colorsys.hsv_to_rgb(turned, rng.uniform(*saturation), rng.uniform(*brightness))
    return np.array(mixed, dtype=np.float32)


def _marks(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return how much of each pixel's colour the pattern takes: float [SIZE, SIZE, 1]."""
    if kind.pattern == "plain":
        return np.zeros((SIZE, SIZE, 1), dtype=np.float32)
    y, x = np.mgrid[0:SIZE, 0:SIZE].astype(np.float32)
    angle, period = rng.normal(0, 0.3), SIZE * rng.uniform(0.1, 0.14)
    across = np.sin((x * math.cos(angle) + y * math.sin(angle)) * (2 * math.pi / period))
    along = np.sin((y * math.cos(angle) - x * math.sin(angle)) * (2 * math.pi / period))
    wave = {"striped": across, "spotted": across * along - 0.35, "checked": across * along}
    marks: np.ndarray = (wave[kind.pattern] > 0)[:, :, None] * np.float32(rng.uniform(0.35, 0.7))
    return marks


def _body(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    """Return the kind's colour with its pattern: float [SIZE, SIZE, 3] of 0 to 1."""
    marks = _marks(kind, rng)
    drawn: np.ndarray = _colour(kind, rng) * (1 - marks)
    # Dark marks would not show on black.
    return drawn + (PALE if kind.colour == "black" else DARK) * marks


def _clouds(cells: int, mean: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a smooth random picture around a colour: float [SIZE, SIZE, 3] of 0 to 1."""
    grey = rng.uniform(-45, 45, size=(cells, cells, 1))
    tint = rng.uniform(-15, 15, size=(cells, cells, 3))
    coarse = np.clip(mean + grey + tint, 0, 255).astype(np.uint8)
    smooth = Image.fromarray(coarse).resize((SIZE, SIZE), Image.Resampling.BICUBIC)
    return np.asarray(smooth, dtype=np.float32) / 255


def _surroundings(kind: Kind, rng: np.random.Generator) -> np.ndarray:
    odd = rng.random() < ODD
    mean = rng.uniform(40, 215, size=3) if odd else np.array(SURROUNDINGS[kind.family])
    return _clouds(int(rng.integers(2, 7)), mean + rng.normal(0, 10, size=3), rng)


def _blot(rng: np.random.Generator) -> np.ndarray:
    x, y = rng.uniform(-0.9, 0.9, size=2)
    spot = ellipse(x, y, rng.uniform(0.2, 0.5), rng.uniform(0.15, 0.4), rng.uniform(0, 3))
    return _mask([spot], np.array([[SIZE / 3, 0, SIZE / 2], [0, SIZE / 3, SIZE / 2]]))


def draw(kind: Kind, rng: np.random.Generator) -> Image.Image:
    """Return one picture of a kind, SIZE x SIZE pixels."""
    placement = _placement(kind, rng)
    body, dark = (_mask(outlines, placement) for outlines in SHAPES[kind.sort])
    picture = _surroundings(kind, rng)
    picture = picture * (1 - body) + _body(kind, rng) * body
    picture = picture * (1 - dark) + DARK * dark
    blot = _blot(rng)
    picture = picture * (1 - blot) + _clouds(2, rng.uniform(40, 215, size=3), rng) * blot
    grain = rng.standard_normal(picture.shape, dtype=np.float32)
    light = rng.uniform(0.75, 1.15) * picture + 0.03 * grain
    return Image.fromarray((np.clip(light, 0, 1) * 255).astype(np.uint8))


def write_images(folder: Path, seed: int) -> None:
    """Write folder/<split>/<wnid>/<wnid>_<number>.jpg for every kind."""
    for split_number, (split, count) in enumerate(IMAGES.items()):
        for kind_number, kind in enumerate(KINDS):
            target = folder / split / kind.wnid
            target.mkdir(parents=True)
            for number in range(count):
                rng = np.random.default_rng([seed, 2, split_number, kind_number, number])
                draw(kind, rng).save(target / f"{kind.wnid}_{number}.jpg", quality=88)
