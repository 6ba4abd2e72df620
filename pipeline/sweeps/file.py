"""A sweep's file, YAML or TOML, checked as a whole before anything runs."""

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError

from components.shared.settings.parameter import STRICT, Value, number_as_declared
from components.shared.settings.presets import FIELDS, PRESETS, resolve
from components.shared.settings.table import check, known
from components.shared.settings.together import check_all
from components.shared.storage import store
from pipeline.sweeps.objective import MAXIMISE, Objective, check_task, objective_of
from pipeline.sweeps.sampling import Range, drawn, grid

GRID, RANDOM = "grid", "random"
MOST = 1000
"""Trials of a sweep."""
NOT_SWEPT = ("run_name", "mlflow_experiment", "images_store_uri", "checkpoints_uri")
"""Where runs put what they find, which changes no figure."""


class _Objective(BaseModel):
    model_config = STRICT
    metric: str
    direction: Literal["maximise", "minimise"] = MAXIMISE


class _Range(BaseModel):
    model_config = STRICT
    low: float = Field(alias="from")
    high: float = Field(alias="to")
    log: bool = False


class _Content(BaseModel):
    model_config = STRICT
    preset: str = "quickstart"
    settings: dict[str, Any] = {}
    search: Literal["grid", "random"] = "grid"
    trials: int | None = Field(None, ge=1, le=MOST)
    seed: int = Field(0, ge=0)
    objective: _Objective
    parameters: dict[str, Any] = Field(min_length=1)


@dataclass(frozen=True)
class Sweep:
    """What a sweep's file asks for.

    Attributes:
        name: The file's, without its ending.
        preset: That each trial starts from.
        settings: Over the preset's, the same for all trials.
        objective: What trials are compared by.
        trials: The settings that each trial has of its own.
    """

    name: str
    preset: str
    settings: Mapping[str, Any]
    objective: Objective
    trials: tuple[Mapping[str, Any], ...]

    def values(self, trial: Mapping[str, Any]) -> dict[str, Value]:
        """Every setting's value in a trial."""
        given = {**self.settings, **trial}
        fields = {name: value for name, value in given.items() if name in FIELDS}
        others = {name: value for name, value in given.items() if name not in FIELDS}
        return resolve(self.preset, others, fields)


def read_sweep(file: Path, more: Mapping[str, Any] | None = None) -> Sweep:
    """Read a sweep's file and check it, every trial's settings among it.

    Args:
        file: YAML, or TOML where its name ends so.
        more: Settings over the file's, such as addresses of data.

    Raises:
        ValueError: It cannot be read or something in it is wrong; the sentence names file and key.
    """
    content = _content(file)
    try:
        return _sweep(file, content, more or {})
    except _Wrong as error:
        raise ValueError(f"{file}: {error}") from error


class _Wrong(Exception):
    """A key is wrong; the message begins with it."""


def _content(file: Path) -> _Content:
    try:
        text = file.read_text(encoding="utf-8")
        found = tomllib.loads(text) if file.suffix == ".toml" else yaml.safe_load(text)
    except (OSError, UnicodeError) as error:
        raise ValueError(f"{file} cannot be read: name a sweep's file.") from error
    except (yaml.YAMLError, tomllib.TOMLDecodeError) as error:
        first = " ".join(str(error).split())
        raise ValueError(f"{file} is neither YAML nor TOML: {first}.") from error
    if not isinstance(found, dict):
        raise ValueError(f"{file} has no keys: give at least objective and parameters.")
    try:
        return _Content(**found)
    except ValidationError as error:
        details = error.errors()[0]
        key = ".".join(map(str, details["loc"]))
        if details["type"] == "extra_forbidden":
            known_keys = ", ".join(_Content.model_fields)
            raise ValueError(f"{file}: {key} is no key of a sweep: it has {known_keys}.") from error
        raise ValueError(f"{file}: {key}: {details['msg']}.") from error


def _sweep(file: Path, content: _Content, more: Mapping[str, Any]) -> Sweep:
    if content.preset not in PRESETS:
        raise _Wrong(f"preset is {content.preset!r}: choose {' or '.join(PRESETS)}.")
    for name, value in content.settings.items():
        _checked(f"settings.{name}", name, value)
    direction = content.objective.direction
    try:
        objective = objective_of(content.objective.metric, direction)
    except ValueError as error:
        raise _Wrong(f"objective.metric: {error}") from error
    for name in content.parameters:
        if name in content.settings or name in more:
            raise _Wrong(f"parameters.{name} is given for every trial too: leave out one of them.")
    settings = {**content.settings, **more}
    sweep = Sweep(file.stem, content.preset, settings, objective, _trials(content))
    for number, trial in enumerate(sweep.trials, 1):
        try:
            check_all(sweep.values(trial))
        except ValueError as error:
            raise _Wrong(f"parameters, trial {number} ({in_words(trial)}): {error}") from error
        try:
            check_task(objective, sweep.values(trial))
        except ValueError as error:
            raise _Wrong(f"objective.metric: in trial {number} {error}") from error
    return sweep


def in_words(trial: Mapping[str, Any]) -> str:
    """A trial's own settings for messages, without what signed addresses keep secret."""
    shown = store.without_secrets(trial)
    return ", ".join(f"{name}={value}" for name, value in shown.items())


def _trials(content: _Content) -> tuple[Mapping[str, Any], ...]:
    space = {name: _choices(name, given) for name, given in content.parameters.items()}
    if content.search == RANDOM:
        if content.trials is None:
            raise _Wrong("trials is missing: say how many random trials there are.")
        try:
            return tuple(drawn(space, content.trials, content.seed))
        except ValueError as error:
            raise _Wrong(f"parameters {error}") from error
    lists = {name: one for name, one in space.items() if isinstance(one, tuple)}
    for name in space.keys() - lists.keys():
        raise _Wrong(f"parameters.{name} is a range, which a grid has not: list its values.")
    size = math.prod(map(len, lists.values()))
    if content.trials not in (None, size) or size > MOST:
        raise _Wrong(
            f"trials: the grid has {size:,}: leave trials out where they are at most {MOST}, "
            f"or draw some with search: {RANDOM}."
        )
    return tuple(grid(lists))


def _choices(name: str, given: Any) -> tuple[Any, ...] | Range:
    key = f"parameters.{name}"
    if name in NOT_SWEPT:
        raise _Wrong(f"{key} changes no figure: sweep another setting.")
    if isinstance(given, list) and given:
        return tuple(_checked(key, name, value) for value in given)
    if not isinstance(given, dict):
        raise _Wrong(f"{key} is {given!r}: give a list of values, or {{from: 0.1, to: 1}}.")
    try:
        found = _Range(**given)
    except ValidationError as error:
        raise _Wrong(f"{key}: a range has numbers from and to, and may have log: true.") from error
    if found.low >= found.high or (found.log and found.low <= 0):
        raise _Wrong(f"{key}: from must be smaller than to, and above 0 where log is true.")
    for value in (found.low, found.high):
        _checked(key, name, value)
    return Range(found.low, found.high, found.log)


def _checked(key: str, name: str, value: Any) -> Any:
    try:
        typed = number_as_declared(known(name).info, value)
        check(name, typed)
    except ValueError as error:
        raise _Wrong(f"{key}: {error}") from error
    return typed
