"""The pipeline's own parameters: what a person fills in, in the run form or on the command line.

They are few; every other setting goes into `settings`. Those that must be given have no default, so
that the form refuses them empty. The form sorts by name and shows no description.
"""

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from components.shared.settings.presets import FIELDS, PRESETS, arguments_of
from components.shared.settings.table import PARAMETERS

PRESET, SETTINGS = "preset", "settings"
REQUIRED = ("taxonomy_uri", "corpus_uris", "images_uri", "images_store_uri", "checkpoints_uri")
OWN_DESCRIPTIONS = {
    PRESET: "Set of settings that the run starts from.",
    SETTINGS: 'Any other settings over the preset\'s, as JSON: {"devise_margin": 0.2}.',
}
NAMES = (PRESET, *FIELDS, SETTINGS)


def as_form(function: Callable[..., None], defaults: Mapping[str, Any]) -> Callable[..., None]:
    """Give a function of keyword arguments the form's signature and descriptions.

    Args:
        function: Takes a value by each of NAMES.
        defaults: Values by name; a required one that is missing or empty has none.
    """
    # Python wants those without a default first.
    order = sorted(NAMES, key=lambda name: name not in REQUIRED or bool(defaults.get(name)))

    def form(*values: Any) -> None:
        function(**dict(zip(order, values, strict=True)))

    form.__name__ = function.__name__
    form.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [_parameter(name, defaults) for name in order]
    )
    form.__doc__ = _description()
    return form


def default_values(preset: str) -> dict[str, Any]:
    """The form's defaults for a preset, none for what must be given."""
    fields = {name: PARAMETERS[name].default for name in FIELDS if name not in REQUIRED}
    return {PRESET: preset, **fields, SETTINGS: {}}


def form_values(preset: str, values: Mapping[str, Any], given: Collection[str]) -> dict[str, Any]:
    """The form's defaults where a person gave some of the values beforehand.

    Args:
        preset: The preset.
        values: Every setting.
        given: Names of those that the person gave.
    """
    arguments = arguments_of(preset, values)
    fields = {name: arguments[name] for name in FIELDS if name in given}
    return {**default_values(preset), **fields, SETTINGS: arguments[SETTINGS]}


def choices() -> dict[str, list[str]]:
    """Parameters that the form offers as a drop-down, with their values."""
    return {PRESET: list(PRESETS)}


def _parameter(name: str, defaults: Mapping[str, Any]) -> inspect.Parameter:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    default = defaults.get(name)
    if name in REQUIRED and not default:
        return inspect.Parameter(name, kind, annotation=_annotation(name))
    return inspect.Parameter(name, kind, default=default, annotation=_annotation(name))


def _annotation(name: str) -> Any:
    if name == SETTINGS:
        return dict
    default = "" if name == PRESET else PARAMETERS[name].default
    return list[str] if isinstance(default, list) else type(default)


def _description() -> str:
    said = {name: PARAMETERS[name].description for name in FIELDS} | OWN_DESCRIPTIONS
    arguments = "\n".join(f"    {name}: {said[name]}" for name in NAMES)
    return f"Deep visual-semantic embedding (Frome et al., NIPS 2013).\n\nArgs:\n{arguments}\n"
