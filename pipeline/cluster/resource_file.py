"""Resources of stages from a YAML file, over those of a size.

train_devise: {cpu: 8, memory: 32Gi, gpus: 1, scratch: 100Gi, hours: 48, retries: 5}
"""

import dataclasses
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from pipeline.cluster.sizes import Resources, Size
from pipeline.cluster.stage_names import known_stage, nearest

_BYTES = r"[1-9]\d*(Mi|Gi|Ti|M|G|T)"
# What a key's value looks like, and how a sentence calls that.
KEYS = {
    "cpu": (r"[1-9]\d*m?|\d+\.\d+", "a number of processors, such as 4, 0.5 or 500m"),
    "memory": (_BYTES, "an amount of memory, such as 16Gi"),
    "gpus": (r"\d+", "a number of GPUs, 0 for none"),
    "scratch": (rf"0?|{_BYTES}", "a volume's size, such as 100Gi, or 0 for none"),
    "hours": (r"[1-9]\d*", "a whole number of hours"),
    "retries": (r"\d+", "a whole number"),
}
_NUMBERS = ("gpus", "hours", "retries")


def read_resources(file: Path, size: Size) -> dict[str, Resources]:
    """Resources of each stage: those of a size, and those that the file names over them.

    What the file gives as `cpu` is requested too.

    Raises:
        ValueError: The file is no YAML, or names an unknown stage, key or value.
    """
    given = _object(_parsed(file), str(file))
    return {**size, **{name: _over(size, known_stage(name), keys) for name, keys in given.items()}}


def _parsed(file: Path) -> Any:
    try:
        return yaml.safe_load(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"{file} cannot be read: {error.strerror}.") from error
    except yaml.YAMLError as error:
        raise ValueError(f"{file} is no YAML: {' '.join(str(error).split())}.") from error


def _object(value: Any, name: str) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return {str(key): item for key, item in value.items()}
    raise ValueError(f"{name} is {value!r}: give names with values, as in 'evaluate: {{cpu: 4}}'.")


def _over(size: Size, stage: str, given: Any) -> Resources:
    values = {key: _value(stage, key, value) for key, value in _object(given, stage).items()}
    if "cpu" in values:
        values["requested_cpu"] = ""
    return dataclasses.replace(size[stage], **values)


def _value(stage: str, key: str, value: Any) -> Any:
    if key not in KEYS:
        raise ValueError(f"Resources have no {key!r} of {stage}: {nearest(key, tuple(KEYS))}")
    pattern, kind = KEYS[key]
    text = "" if value is None else str(value)
    if not re.fullmatch(pattern, text):
        raise ValueError(f"{stage}.{key} is {value!r}: give {kind}.")
    if key == "scratch":
        return "" if text == "0" else text
    return int(text) if key in _NUMBERS else text
