"""Variants of the DeViSE model: a name, and the settings in which it differs from the main one.

Written `devise_l2: devise_loss=l2`, or `devise` alone where nothing differs, so that every ablation
is a setting of a run and not code.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from components.shared.settings.parameter import Value, from_text
from components.shared.settings.table import PARAMETERS

NAME = r"[a-z][a-z0-9_]*"
MAY_DIFFER = ("devise_", "labels_", "skipgram_dim")
OF_THE_RUN = ("devise_variants", "labels_glosses_uri")
"""Settings that are the same for all models of a run, whatever their names begin with."""
_SAW_IMAGES = "saw_images"
SAW_IMAGES = f"devise_{_SAW_IMAGES}"
"""What the names of all variants begin with whose label vectors were trained on images."""


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
    # What follows up to the next name is of the value: paths may have spaces.
    for setting in re.split(rf"\s+(?={NAME}=)", rest) if rest else ():
        parameter, equals, value = setting.partition("=")
        if not equals or parameter in settings:
            raise ValueError(f"Variant {name} has {setting!r}: write parameter=value, each once.")
        settings[parameter] = value
    return Variant(name, settings)


def may_differ(name: str) -> bool:
    """Whether a setting of this name can differ from one model of a run to another."""
    return name.startswith(MAY_DIFFER) and name not in OF_THE_RUN


def differences(variant: Variant) -> dict[str, Value]:
    """The variant's settings as values of their types."""
    return {name: from_text(PARAMETERS[name].info, text) for name, text in variant.settings.items()}


def saw_images(model: str) -> bool:
    """Return whether a row is of vectors trained on images: of such a variant, or of a baseline."""
    return f"_{_SAW_IMAGES}" in model


def addresses_in(variants: Iterable[str]) -> list[str]:
    """Return every address that variants read from.

    Raises:
        ValueError: A variant is written otherwise than it must be.
    """
    parsed = [parse_variant(text) for text in variants]
    return [uri for one in parsed for name in _addresses(one) if (uri := one.settings[name])]


def with_addresses(text: str, change: Callable[[str], str]) -> str:
    """Return a variant as it is written, with each of its addresses as `change` makes it.

    Raises:
        ValueError: It is written otherwise than it must be.
    """
    variant = parse_variant(text)
    changed = {name: change(uri) for name in _addresses(variant) if (uri := variant.settings[name])}
    if not changed:
        return text
    settings = {**variant.settings, **changed}
    return f"{variant.name}: {' '.join(f'{name}={value}' for name, value in settings.items())}"


def _addresses(variant: Variant) -> list[str]:
    return [name for name in variant.settings if name in PARAMETERS and PARAMETERS[name].address]
