"""What the compared models are called for readers, the same in report, terminal and documents.

The method's own models have names of their own; those of all others follow from the model's name,
so that no run's variants need to be known here.
"""

from components.shared.artifacts.evaluation import (
    BETTER_SOFTMAX,
    CHANCE,
    CONSE,
    CONTINUED,
    DEVISE,
    DGP,
    ESZSL,
    EXEM,
    KINDS,
    RANDOM,
    SOFTMAX,
    after_phase_2,
    before_calibration,
    is_calibrated,
    is_phase_1,
)

NAMES = {
    SOFTMAX: "Softmax",
    CONTINUED: "Softmax, trained on",
    DEVISE: "DeViSE",
    RANDOM: "Random vectors",
    CONSE: "ConSE",
    EXEM: "EXEM",
    ESZSL: "ESZSL",
    DGP: "DGP",
    CHANCE: "Chance",
    BETTER_SOFTMAX: "the strongest softmax",
}


def name_of(model: str) -> str:
    """Return what a model is called."""
    if is_phase_1(model):
        return f"{name_of(after_phase_2(model))}, phase 1"
    if is_calibrated(model):
        return f"{name_of(before_calibration(model))}, calibrated"
    if model in NAMES:
        return NAMES[model]
    kind, _, rest = model.partition("_")
    words = rest.replace("_", " ")
    return f"{NAMES[kind]}, {words}" if kind in KINDS else model.replace("_", " ")


def within_a_sentence(model: str) -> str:
    """Return the name as it stands within a sentence: in quotation marks where it has a comma."""
    name = name_of(model)
    if "," in name:
        return f"“{name}”"
    if model in (SOFTMAX, RANDOM, CHANCE):
        name = name[0].lower() + name[1:]
    return f"the {name}" if model == SOFTMAX else name
