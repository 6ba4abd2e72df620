"""How the models are coloured, the same in every section.

The method's own models have colours of their own. Those of all others follow from their place
among the models, so that no run's variants need to be known here.
"""

from collections.abc import Sequence

from components.shared.artifacts.evaluation import (
    CHANCE,
    CONSE,
    CONTINUED,
    DEVISE,
    DGP,
    ESZSL,
    EXEM,
    RANDOM,
    SOFTMAX,
    SOFTMAX_HIERARCHY,
    after_phase_2,
    before_calibration,
    is_phase_1,
    kind_of,
)

COLOURS = {
    SOFTMAX: "softmax",
    CONTINUED: "continued",
    SOFTMAX_HIERARCHY: "softmax-hierarchy",
    DEVISE: "devise",
    RANDOM: "random",
    CONSE: "conse",
    EXEM: "exem",
    ESZSL: "eszsl",
    DGP: "dgp",
    CHANCE: "chance",
}
SHADES = {
    DEVISE: ("variant-0", "variant-1", "variant-2", "variant-3", "variant-4"),
    RANDOM: ("random-2", "random-3"),
    CONSE: ("conse-2", "conse-3", "conse-4"),
    EXEM: ("exem-2", "exem-3"),
    ESZSL: ("eszsl-2", "eszsl-3"),
}
"""Taken in turn by the other models of a kind: variants, and baselines over their label spaces."""


def colour_of(model: str, models: Sequence[str] = ()) -> str:
    """Return the classes that give a model its colour; its phase 1 has a lighter shade.

    A calibrated model has the colour of the one that it is made from.

    Args:
        model: The model.
        models: All models; those without a colour of their own take free ones in this order.
    """
    base = _base(model)
    light = " light" if is_phase_1(model) else ""
    return f"k-{COLOURS.get(base) or _free_colour(base, models)}{light}"


def _free_colour(model: str, models: Sequence[str]) -> str:
    """Return the colour of a model without one of its own: by its place among its like."""
    others = dict.fromkeys(base for base in map(_base, models) if base not in COLOURS)
    alike = [one for one in others if kind_of(one) == kind_of(model)]
    shades = SHADES[kind_of(model)]
    return shades[(alike.index(model) if model in alike else 0) % len(shades)]


def _base(model: str) -> str:
    return after_phase_2(before_calibration(model))
