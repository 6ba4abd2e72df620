"""What the models are called and how they are coloured, the same in every section."""

from collections.abc import Sequence

from components.shared.artifacts.evaluation import (
    BETTER_SOFTMAX,
    CHANCE,
    after_phase_2,
    is_phase_1,
)

NAMES = {
    "softmax": "Softmax",
    "softmax_continued": "Softmax, trained on",
    "devise": "DeViSE",
    "devise_best": "DeViSE, best options",
    "devise_fixed_order": "DeViSE, fixed order",
    "devise_l2": "DeViSE, L2 loss",
    "devise_rank_best": "DeViSE, best rank loss",
    "random": "Random vectors",
    "conse": "ConSE",
    "conse_best": "ConSE, best options",
    "conse_rank_best": "ConSE, vectors of the best rank loss",
    CHANCE: "Chance",
    BETTER_SOFTMAX: "the better softmax",
}
FAMILIES = {"devise": "DeViSE", "conse": "ConSE", "softmax": "Softmax", "random": "Random vectors"}
COLOURS = {
    "softmax": "softmax",
    "softmax_continued": "continued",
    "devise": "devise",
    "devise_best": "variant-0",
    "devise_fixed_order": "variant-3",
    "devise_l2": "variant-1",
    "devise_rank_best": "variant-2",
    "random": "random",
    "conse": "conse",
    "conse_best": "conse-2",
    "conse_rank_best": "conse-3",
    CHANCE: "chance",
}
VARIANT_COLOURS = 4


def name_of(model: str) -> str:
    """Return what a model is called in the report."""
    if is_phase_1(model):
        return f"{name_of(after_phase_2(model))}, phase 1"
    if model in NAMES:
        return NAMES[model]
    family, _, rest = model.partition("_")
    words = rest.replace("_", " ")
    return f"{FAMILIES[family]}, {words}" if family in FAMILIES else model.replace("_", " ")


def colour_of(model: str, models: Sequence[str] = ()) -> str:
    """Return the classes that give a model its colour; its phase 1 has a lighter shade.

    Args:
        model: the model.
        models: all models; those without a colour of their own take the free ones in this order.
    """
    base = after_phase_2(model)
    light = " light" if base != model else ""
    if base in COLOURS:
        return f"k-{COLOURS[base]}{light}"
    others = sorted({after_phase_2(m) for m in models} - set(COLOURS))
    place = others.index(base) if base in others else 0
    return f"k-variant-{(place + 2) % VARIANT_COLOURS}{light}"
