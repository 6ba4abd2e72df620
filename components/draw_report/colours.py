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
    RANDOM,
    SOFTMAX,
    after_phase_2,
    before_calibration,
    is_phase_1,
)

COLOURS = {
    SOFTMAX: "softmax",
    CONTINUED: "continued",
    DEVISE: "devise",
    RANDOM: "random",
    CONSE: "conse",
    CHANCE: "chance",
}
VARIANT_COLOURS = ("variant-0", "variant-1", "variant-2", "variant-3")
CONSE_COLOURS = ("conse-2", "conse-3")
"""Taken in turn by ConSE over the label spaces of variants."""


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
    alike = [one for one in others if _is_conse(one) == _is_conse(model)]
    colours = CONSE_COLOURS if _is_conse(model) else VARIANT_COLOURS
    return colours[(alike.index(model) if model in alike else 0) % len(colours)]


def _base(model: str) -> str:
    return after_phase_2(before_calibration(model))


def _is_conse(model: str) -> bool:
    return model.startswith(CONSE)
