"""Variants of the DeViSE model: a name, and the settings in which it differs from the main one.

Written `devise_l2: devise_loss=l2`, or `devise` alone where nothing differs, so that every ablation
is a setting of a run and not code.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from components.shared.settings.parameter import Value, from_text
from components.shared.settings.table import PARAMETERS

NAME = r"[a-z][a-z0-9_]*"
MAY_DIFFER = ("devise_", "labels_", "skipgram_dim")
_NOT_OF_A_MODEL = ("devise_variants",)


@dataclass(frozen=True)
class Variant:
    """A model's name and its settings over the run's: setting to text as written."""

    name: str
    settings: Mapping[str, str]


def parse_variant(text: str) -> Variant:
    """Read `name` or `name: setting=value setting=value`.

    Raises:
        ValueError: It is written otherwise, or a setting is there twice.
    """
    name, _, rest = (part.strip() for part in text.partition(":"))
    if not re.fullmatch(NAME, name):
        raise ValueError(
            f"devise_variants has {text!r}: write a name of small letters, digits and _, a colon, "
            "and settings, such as 'devise_l2: devise_loss=l2'."
        )
    settings: dict[str, str] = {}
    for setting in rest.split():
        parameter, equals, value = setting.partition("=")
        if not equals or parameter in settings:
            raise ValueError(f"Variant {name} has {setting!r}: write parameter=value, each once.")
        settings[parameter] = value
    return Variant(name, settings)


def may_differ(name: str) -> bool:
    """Whether a setting of this name can differ from one model of a run to another."""
    return name.startswith(MAY_DIFFER) and name not in _NOT_OF_A_MODEL


def differences(variant: Variant) -> dict[str, Value]:
    """The variant's settings as values of their types."""
    return {name: from_text(PARAMETERS[name].info, text) for name, text in variant.settings.items()}
