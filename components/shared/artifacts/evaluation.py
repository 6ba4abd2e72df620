"""What the compared models are called, in which order tables have them, and who meets whom.

Frome et al. 2013, section 4, compares DeViSE with the softmax and with random vectors. Here the
softmax that was trained on for as long as DeViSE, ConSE over the same vectors and DeViSE as
phase 1 leaves it are there too.
"""

from collections.abc import Collection, Sequence

SOFTMAX, CONTINUED = "softmax", "softmax_continued"
DEVISE, RANDOM, CONSE = "devise", "random", "conse"
CHANCE = "chance"
"""No model: what drawing labels by lot gives."""
BETTER_SOFTMAX = "better_softmax"
"""In paired tests: whichever of the two softmaxes has the higher figure."""


def phase_1_of(model: str) -> str:
    """Return what a DeViSE model is called as phase 1 leaves it."""
    return f"{model}_phase_1"


def conse_over(variant: str) -> str:
    """Return what ConSE over the label space of a variant is called."""
    return f"{CONSE}_{variant.removeprefix(f'{DEVISE}_')}"


def table_order(answered: Collection[str], variants: Sequence[str]) -> tuple[str, ...]:
    """Return the models that answered, in the order of every table.

    Args:
        answered: names of the models.
        variants: names of the further DeViSE models, in their order.
    """
    return tuple(model for model in _every_name(variants) if model in answered)


def check_variants(variants: Sequence[str]) -> None:
    """Refuse variants under whose names two models would meet in one row.

    Raises:
        ValueError: a name, or one that is made from it, is taken.
    """
    names = _every_name(variants)
    for name in names:
        if names.count(name) > 1:
            raise ValueError(
                f"Two of the compared models would be called {name!r}: give every one of "
                "devise_variants a name of its own."
            )


def baselines_of(model: str, models: Collection[str]) -> list[str]:
    """Return what a DeViSE model is tested against, of the models there are.

    Args:
        model: `devise` or a variant.
        models: names of all models.
    """
    common = [SOFTMAX, CONTINUED, RANDOM, CONSE, phase_1_of(DEVISE)]
    own = [DEVISE, phase_1_of(model), conse_over(model)]
    return [name for name in dict.fromkeys([*common, *own]) if name in models and name != model]


def _every_name(variants: Sequence[str]) -> list[str]:
    trained = [DEVISE, *variants, RANDOM]
    phases = [name for model in trained for name in (model, phase_1_of(model))]
    return [SOFTMAX, CONTINUED, *phases, CONSE, *map(conse_over, variants)]
