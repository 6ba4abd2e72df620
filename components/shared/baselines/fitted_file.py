"""Fitted baselines as files: a frozen dataclass of arrays, numbers and wnids in one safetensors."""

import dataclasses
import json
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

from components.shared.storage.atomic import written_aside

Fitted = TypeVar("Fitted")
_FACTS = "facts"


def write_fitted(file: Path, fitted: Any) -> None:
    """Write a fitted baseline.

    Args:
        file: Its folder is made if absent.
        fitted: A dataclass of arrays and of what JSON has: numbers, texts, tuples of texts.
    """
    fields = {field.name: getattr(fitted, field.name) for field in dataclasses.fields(fitted)}
    arrays = {name: value for name, value in fields.items() if isinstance(value, np.ndarray)}
    facts = {name: value for name, value in fields.items() if name not in arrays}
    # Of a view safetensors writes the memory that it is a view of.
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    with written_aside(file) as aside:
        save_file(whole, aside, metadata={_FACTS: json.dumps(facts)})


def read_fitted(kind: type[Fitted], file: Path) -> Fitted:
    """Read a fitted baseline as it was written.

    Args:
        kind: Its dataclass.
        file: Written by `write_fitted`.

    Raises:
        ValueError: The file is missing, or it holds another baseline.
    """
    if not file.is_file():
        raise ValueError(f"{file} is missing: give the folder that the baseline was written to.")
    with safe_open(file, framework="np") as opened:
        values: dict[str, Any] = {name: opened.get_tensor(name) for name in opened.keys()}  # noqa: SIM118
        facts = json.loads((opened.metadata() or {}).get(_FACTS, "{}"))
    values |= {name: tuple(v) if isinstance(v, list) else v for name, v in facts.items()}
    if set(values) != {field.name for field in dataclasses.fields(kind)}:  # type: ignore[arg-type]
        raise ValueError(f"{file} is no {kind.__name__}: give the file of that baseline.")
    return kind(**values)
