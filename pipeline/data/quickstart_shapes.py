"""The outlines that the quickstart's images are drawn from: one shape for each sort of kinds.

Sorts of a family share what the family looks like: wheels, petals, a tail, legs.
"""

import math

Outline = list[tuple[float, float]]


def ellipse(x: float, y: float, width: float, height: float, tilt: float = 0.0) -> Outline:
    """Return the outline of an ellipse by its centre, half axes and tilt in radians."""
    turns = [2 * math.pi * i / 20 for i in range(20)]
    spots = [(width * math.cos(turn), height * math.sin(turn)) for turn in turns]
    cos, sin = math.cos(tilt), math.sin(tilt)
    return [(x + a * cos - b * sin, y + a * sin + b * cos) for a, b in spots]


def _box(left: float, top: float, right: float, bottom: float) -> Outline:
    return [(left, top), (right, top), (right, bottom), (left, bottom)]


def _legs(top: float, bottom: float, *places: float) -> list[Outline]:
    return [_box(x - 0.04, top, x + 0.04, bottom) for x in places]


def _wheels(radius: float) -> list[Outline]:
    return [ellipse(x, 0.5, radius, radius) for x in (-0.55, 0.55)]


def _petals() -> list[Outline]:
    turns = [2 * math.pi * i / 6 for i in range(6)]
    return [ellipse(0.6 * math.cos(t), 0.6 * math.sin(t), 0.42, 0.24, t) for t in turns]


# sort: (outlines in the kind's colour and pattern, dark outlines), within [-1, 1] each way; what
# has a head has it on the right.
SHAPES: dict[str, tuple[list[Outline], list[Outline]]] = {
    "songbird": (
        [ellipse(-0.1, 0.1, 0.6, 0.4), ellipse(0.45, -0.4, 0.27, 0.27),
         [(-0.5, 0.0), (-1.0, -0.25), (-0.95, 0.25)]],
        [[(0.68, -0.5), (1.0, -0.35), (0.68, -0.28)], *_legs(0.45, 0.95, -0.12, 0.14)],
    ),
    "water bird": (
        [ellipse(-0.2, -0.1, 0.55, 0.3), [(0.05, -0.1), (0.38, -0.8), (0.55, -0.75), (0.35, 0.0)],
         ellipse(0.5, -0.78, 0.2, 0.17)],
        [[(0.62, -0.9), (1.0, -0.7), (0.62, -0.66)], *_legs(0.15, 1.0, -0.3, 0.0)],
    ),
    "game bird": (
        [ellipse(0.05, 0.15, 0.5, 0.45), ellipse(0.5, -0.42, 0.22, 0.22),
         [(-0.25, -0.05), (-0.8, -0.95), (-1.0, -0.7), (-0.35, 0.35)]],
        [[(0.68, -0.5), (0.9, -0.4), (0.68, -0.3)], *_legs(0.5, 0.95, -0.05, 0.2)],
    ),
    "shark": (
        [ellipse(0.1, 0.0, 0.85, 0.3), [(-0.55, 0.0), (-1.0, -0.65), (-0.8, 0.0), (-1.0, 0.5)],
         [(-0.15, -0.2), (0.3, -0.25), (-0.15, -0.9)], [(0.05, 0.2), (0.4, 0.2), (-0.05, 0.75)]],
        [ellipse(0.75, -0.08, 0.06, 0.06), *_legs(-0.14, 0.14, 0.35, 0.47)],
    ),
    "reef fish": (
        [ellipse(0.1, 0.0, 0.6, 0.52), [(-0.35, 0.0), (-0.95, -0.45), (-0.95, 0.45)],
         [(-0.35, -0.3), (0.4, -0.4), (-0.3, -0.95)], [(-0.35, 0.3), (0.4, 0.4), (-0.3, 0.95)]],
        [ellipse(0.45, -0.12, 0.1, 0.1)],
    ),
    "citrus": (
        [ellipse(-0.05, 0.1, 0.75, 0.65), [(0.55, -0.2), (1.0, 0.1), (0.55, 0.4)]],
        [_box(-0.05, -0.9, 0.05, -0.5), ellipse(0.25, -0.75, 0.25, 0.1, -0.4)],
    ),
    "berry": (
        [ellipse(0.0, 0.2, 0.72, 0.75)],
        [[(-0.55, -0.85), (0.0, -0.3), (-0.1, -0.5)], [(0.55, -0.85), (0.0, -0.3), (0.1, -0.5)],
         [(-0.12, -1.0), (0.12, -1.0), (0.0, -0.25)], [(-0.6, -0.45), (0.6, -0.45), (0.0, -0.2)]],
    ),
    "emergency vehicle": (
        [_box(-0.95, -0.3, 0.95, 0.45), _box(-0.95, -0.7, 0.45, -0.25)],
        [*_wheels(0.24), _box(0.1, -0.55, 0.38, -0.3), _box(-0.45, -0.95, -0.1, -0.7)],
    ),
    "working vehicle": (
        [_box(-0.95, -0.05, 0.95, 0.45), _box(0.25, -0.75, 0.9, 0.0),
         [(-0.9, 0.0), (-0.45, -0.95), (-0.2, -0.95), (-0.5, 0.0)]],
        [*_wheels(0.32), _box(0.45, -0.6, 0.8, -0.3)],
    ),
    "wildflower": (_petals(), [ellipse(0.0, 0.0, 0.26, 0.26)]),
    "bulb": (
        [[(-0.62, -0.85), (-0.3, -0.45), (0.0, -0.95), (0.3, -0.45), (0.62, -0.85), (0.5, 0.05),
          (0.0, 0.35), (-0.5, 0.05)]],
        [_box(-0.06, 0.3, 0.06, 1.0), [(0.0, 1.0), (-0.6, 0.1), (-0.25, 0.95)],
         [(0.0, 1.0), (0.6, 0.2), (0.25, 0.95)]],
    ),
    "flying insect": (
        [ellipse(-0.45, 0.1, 0.45, 0.32), ellipse(0.15, 0.1, 0.28, 0.26),
         ellipse(0.6, 0.1, 0.22, 0.22), ellipse(-0.25, -0.5, 0.45, 0.2, 0.6),
         ellipse(0.2, -0.5, 0.4, 0.18, 1.1)],
        _legs(0.25, 0.8, -0.4, 0.05, 0.4),
    ),
    "hopper": (
        [ellipse(-0.1, 0.2, 0.8, 0.2), ellipse(0.72, 0.1, 0.2, 0.24),
         [(-0.1, 0.2), (-0.55, -0.85), (-0.3, -0.85), (0.15, 0.2)],
         [(-0.55, -0.85), (-0.98, 0.8), (-0.82, 0.8), (-0.35, -0.75)]],
        _legs(0.3, 0.8, 0.2, 0.5),
    ),
    "butterfly": (
        [ellipse(-0.5, -0.4, 0.5, 0.38, 0.6), ellipse(0.5, -0.4, 0.5, 0.38, -0.6),
         ellipse(-0.4, 0.45, 0.38, 0.3, -0.6), ellipse(0.4, 0.45, 0.38, 0.3, 0.6)],
        [ellipse(0.0, 0.0, 0.09, 0.7), [(0.0, -0.6), (-0.3, -1.0), (-0.2, -1.0)],
         [(0.0, -0.6), (0.3, -1.0), (0.2, -1.0)]],
    ),
    "cat": (
        [ellipse(-0.15, 0.1, 0.6, 0.27), ellipse(0.55, -0.3, 0.32, 0.3),
         [(0.3, -0.4), (0.3, -0.9), (0.55, -0.5)], [(0.55, -0.5), (0.82, -0.9), (0.82, -0.4)],
         [(-0.6, 0.1), (-1.0, -0.8), (-0.85, -0.85), (-0.5, 0.0)],
         *(_box(x - 0.09, 0.2, x + 0.09, 0.85) for x in (-0.55, -0.3, 0.1, 0.33))],
        [ellipse(0.45, -0.35, 0.06, 0.06), ellipse(0.68, -0.35, 0.06, 0.06)],
    ),
    "hoofed": (
        [ellipse(-0.2, 0.0, 0.58, 0.27), [(0.05, -0.05), (0.45, -0.8), (0.7, -0.7), (0.4, 0.1)],
         ellipse(0.72, -0.68, 0.28, 0.14, 0.4),
         *(_box(x - 0.06, 0.1, x + 0.06, 0.85) for x in (-0.62, -0.42, 0.05, 0.25))],
        [[(0.45, -0.75), (0.3, -1.0), (0.38, -1.0)], [(0.6, -0.78), (0.65, -1.0), (0.72, -1.0)],
         *(_box(x - 0.08, 0.85, x + 0.08, 0.98) for x in (-0.62, -0.42, 0.05, 0.25))],
    ),
}  # fmt: skip
