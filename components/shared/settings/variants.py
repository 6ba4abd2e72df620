"""Variants of the DeViSE model: a name, and the parameters in which it differs from the main one.

Written `devise_l2: devise_loss=l2`, or `devise` alone where nothing differs, so that every ablation
is a setting of a run and not code.
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

NAME = r"[a-z][a-z0-9_]*"
MAY_DIFFER = ("devise_", "labels_")
Config = TypeVar("Config")


@dataclass(frozen=True)
class Variant:
    """A model's name and its settings over the run's: parameter to text as written."""

    name: str
    settings: Mapping[str, str]


def parse_variant(text: str) -> Variant:
    """Read `name` or `name: parameter=value parameter=value`.

    Raises:
        ValueError: it is written otherwise, or a setting is there twice.
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


def read_as(value: str, default: Any) -> Any:
    """A setting's text as a value of the type of its parameter's default."""
    if isinstance(default, str):
        return value
    try:
        read = json.loads(value)
    except json.JSONDecodeError:
        return value
    return float(read) if isinstance(default, float) and type(read) is int else read


def varied(config: Config, variant: str) -> Config:
    """The stage's configuration with what the variant changes of it.

    Args:
        config: a frozen dataclass with the stage's `prefix`.
        variant: as `parse_variant` reads it; settings of other stages are left alone.
    """
    assert dataclasses.is_dataclass(config)
    assert not isinstance(config, type)
    prefix = f"{config.prefix}_"  # type: ignore[attr-defined]
    changes = {
        parameter.removeprefix(prefix): value
        for parameter, value in parse_variant(variant).settings.items()
        if parameter.startswith(prefix)
    }
    return dataclasses.replace(
        config, **{name: read_as(text, getattr(config, name)) for name, text in changes.items()}
    )
