"""A preset's values with what the command line sets over them."""

from collections.abc import Mapping, Sequence
from typing import Any

from components.shared.settings.parameter import Value, defaults, known
from components.shared.settings.variants import read_as
from pipeline.presets import PRESETS


def values_of(preset: str, settings: Sequence[str]) -> dict[str, Value]:
    """All parameters: defaults, the preset's values, then `name=value` settings.

    Raises:
        ValueError: a setting is no `name=value`, or no value of its parameter's type.
    """
    given = dict(_parse(setting) for setting in settings)
    return {**defaults(), **PRESETS[preset], **given}


def _parse(setting: str) -> tuple[str, Value]:
    name, equals, text = setting.partition("=")
    if not equals:
        raise ValueError(f"--set {setting!r}: write name=value.")
    return name, _value(text, known(name).default)


def _value(text: str, default: Value) -> Any:
    if isinstance(default, list) and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    return read_as(text, default)


def differing(values: Mapping[str, Value]) -> dict[str, Value]:
    """The values that differ from the defaults."""
    return {name: value for name, value in values.items() if value != defaults()[name]}
