"""The addresses among a run's values: made absolute for stages, found for containers' mounts."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from components.shared.networks.pretrained import is_weights_name
from components.shared.settings.parameter import Value
from components.shared.settings.table import PARAMETERS
from components.shared.settings.variants import addresses_in, with_addresses
from components.shared.storage import store

VARIANTS = "devise_variants"
"""Their label vectors may be at addresses of their own."""


def local_addresses(values: Mapping[str, Value], output: Path) -> dict[str, Value]:
    """The values with absolute paths, and the run's folder where an address is left empty."""
    filled = {
        **values,
        "checkpoints_uri": values["checkpoints_uri"] or str(output / "checkpoints"),
        "images_store_uri": values["images_store_uri"] or str(output / "images"),
    }
    return replaced(filled, lambda path: path if store.is_remote(path) else os.path.abspath(path))


def addresses(values: Mapping[str, Value], role: str) -> list[str]:
    """Every address of a role, `read` or `written`, that the values name."""
    return [address for _, address in named_addresses(values, role)]


def named_addresses(values: Mapping[str, Value], role: str) -> list[tuple[str, str]]:
    """Every address of a role, `read` or `written`, beside the parameter that names it."""
    found = [
        (name, _split(name, text)[1])
        for name, parameter in PARAMETERS.items()
        if parameter.address == role
        for text in _texts(values[name])
    ]
    if role == "read":
        found += [(VARIANTS, address) for address in addresses_in(_texts(values[VARIANTS]))]
    return [(name, address) for name, address in found if address]


def replaced(values: Mapping[str, Value], change: Callable[[str], str]) -> dict[str, Value]:
    """The values with each of their addresses as `change` makes it."""
    changed: dict[str, Value] = {
        name: _changed(name, values[name], change)
        for name, parameter in PARAMETERS.items()
        if parameter.address
    }
    variants = [with_addresses(text, change) for text in _texts(values[VARIANTS])]
    return {**values, **changed, VARIANTS: variants}


def _changed(name: str, value: Any, change: Callable[[str], str]) -> Value:
    parts = [_split(name, text) for text in _texts(value)]
    texts = [before + change(address) if address else before for before, address in parts]
    return texts if isinstance(value, list) else texts[0]


def _split(name: str, text: str) -> tuple[str, str]:
    """What stands before the address, and the address, empty where the text is only a name."""
    if name == "evaluate_zero_shot_sets":
        named, equals, address = text.partition("=")
        return named + equals, address
    return (text, "") if name == "visual_pretrained" and is_weights_name(text) else ("", text)


def _texts(value: Any) -> list[str]:
    return list(value) if isinstance(value, list | tuple) else [str(value)]
