"""How a setting is declared, as a field of its group's pydantic model, and what is checked of it.

A field is a name, a type, a default, bounds, a description and, for an address, whether it is read
or written. Whatever reads settings (the run form, the command line, open_run, a stage) reads these
fields, by their type: a whole number that arrives as a float, as kfp.local hands it over, is one.
"""

import difflib
import json
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
)
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

Value = str | int | float | bool | list[str]
"""A setting's value outside its model, as JSON has it."""

Group = TypeVar("Group", bound=BaseModel)

STRICT = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)
"""What every group's model is: nothing is converted in silence, nothing unknown is dropped."""

_ADDRESS, _PLACE, _MACHINE = "address", "place", "machine"
_STAGE, _GRAPH, _OPEN_RUN = "stage", "graph", "open_run"


def _each_once(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        if texts.count(text) > 1:
            raise ValueError(f"names {text!r} twice: name it once.")
    return texts


Each = AfterValidator(_each_once)
"""Beside a tuple of texts: refuses one that is there twice."""
Texts = Annotated[tuple[str, ...], Each]


def setting(
    default: Any,
    description: str,
    minimum: Any = None,
    maximum: Any = None,
    *,
    required: bool = False,
    of_graph: bool = False,
    of_machine: bool = False,
) -> Any:
    """Declare a setting.

    Args:
        default: Its value where nobody gives another.
        description: For the person who chooses it.
        minimum: Smallest number allowed.
        maximum: Largest number allowed.
        required: Whether a text or list must not be empty.
        of_graph: Whether it shapes the graph, so that no stage is given it.
        of_machine: Whether it says how the work is done, and the result is the same whatever it
            is, so that a stage goes on from what it kept with another value.
    """
    return Field(
        default,
        description=description,
        ge=minimum,
        le=maximum,
        min_length=1 if required else None,
        json_schema_extra={_PLACE: _GRAPH if of_graph else _STAGE, _MACHINE: of_machine},
    )


def address(
    default: Any,
    description: str,
    role: Literal["read", "written"] = "read",
    required: bool = False,
    of_graph: bool = False,
) -> Any:
    """Declare an address: of what is read, or of where something is written.

    Args:
        default: Its value where nobody gives another.
        description: For the person who gives it.
        role: Whether it is read or written.
        required: Whether it must not be empty.
        of_graph: Whether the graph reads it, and hands its parts to the stage.
    """
    place = _GRAPH if of_graph else _STAGE
    return Field(
        default,
        description=description,
        min_length=1 if required else None,
        json_schema_extra={_ADDRESS: role, _PLACE: place},
    )


def from_open_run(default: Any, description: str, *, of_machine: bool = False) -> Any:
    """Declare what open_run finds out and hands to a stage; nobody can set it."""
    place: dict[str, JsonValue] = {_PLACE: _OPEN_RUN, _MACHINE: of_machine}
    return Field(default, description=description, json_schema_extra=place)


def determining(settings: BaseModel) -> dict[str, Any]:
    """Return what determines a stage's result of its settings, as JSON has them."""
    fields = type(settings).model_fields.items()
    of_machine = {name for name, info in fields if _extra(info).get(_MACHINE)}
    return settings.model_dump(mode="json", exclude=of_machine)


def is_settable(info: FieldInfo) -> bool:
    """Whether a person can set it."""
    return _extra(info).get(_PLACE) != _OPEN_RUN


def is_for_a_stage(info: FieldInfo) -> bool:
    """Whether the group's stage is given it."""
    return _extra(info).get(_PLACE) != _GRAPH


def address_role(info: FieldInfo) -> str:
    """`read` or `written` of an address, "" of another setting."""
    return str(_extra(info).get(_ADDRESS, ""))


def choices(info: FieldInfo) -> tuple[str, ...]:
    """The only texts allowed; none where any is."""
    annotation = info.annotation
    return typing.get_args(annotation) if typing.get_origin(annotation) is Literal else ()


def default_of(info: FieldInfo) -> Value:
    """The default, as JSON has it."""
    default: Any = info.get_default(call_default_factory=True)
    return list(default) if isinstance(default, tuple) else default


def read(group: type[Group], values: Mapping[str, Any]) -> Group:
    """Read a stage's settings as open_run hands them over.

    Raises:
        ValueError: A field is unknown or its value not allowed.
    """
    given = {
        name: as_declared(group.model_fields[name], value) if name in group.model_fields else value
        for name, value in values.items()
    }
    try:
        return group(**given)
    except ValidationError as error:
        details = error.errors()[0]
        name = str(details["loc"][0])
        if name not in group.model_fields:
            raise ValueError(f"{group.__name__} has no setting {name!r}.") from error
        raise ValueError(sentence(name, group.model_fields[name], given[name], details)) from error


def checked(name: str, info: FieldInfo, value: Any) -> Any:
    """Check one value and return it as its field's type has it.

    Raises:
        ValueError: It is not allowed; the sentence names the setting and says what is.
    """
    kind: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    declared = as_declared(info, value)
    try:
        return TypeAdapter(
            kind, config=ConfigDict(strict=True, allow_inf_nan=False)
        ).validate_python(declared)
    except ValidationError as error:
        raise ValueError(sentence(name, info, value, error.errors()[0])) from error


def as_declared(info: FieldInfo, value: Any) -> Any:
    """The value as the field's type has it, where JSON has only another: 3.0 for 3, a list."""
    if not isinstance(value, list):
        return number_as_declared(info, value)
    whole = typing.get_args(info.annotation)[:1] == (int,)
    return tuple(int(item) if whole and item == int(item) else item for item in value)


def number_as_declared(info: FieldInfo, value: Any) -> Any:
    """A number as the field's type has it: 3 for 3.0, or 3.0 for 3; other values as they are."""
    if info.annotation is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return float(value) if info.annotation is float and type(value) is int else value


def from_text(info: FieldInfo, text: str) -> Any:
    """Read what a person wrote after `name=`: JSON, or a text, or a list separated by commas."""
    if isinstance(default_of(info), str):
        return text
    if isinstance(default_of(info), list) and not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def sentence(name: str, info: FieldInfo, value: Any, error: ErrorDetails) -> str:
    """Say what is wrong with a value, and what is allowed."""
    kind, shown = error["type"], list(value) if isinstance(value, tuple) else value
    if kind == "value_error":
        return f"{name} {error['ctx']['error']}"
    if kind in ("string_too_short", "too_short"):
        return f"{name} is empty: give it a value. It means: {info.description}"
    if kind == "literal_error":
        return f"{name} is {value!r}: choose {_options(value, choices(info))}."
    if kind in ("greater_than_equal", "less_than_equal", "finite_number"):
        return f"{name} is {shown}: allowed is {_range(info)}."
    if kind == "string_pattern_mismatch":
        return f"{name} has {error['input']!r}: each must match {error['ctx']['pattern']}."
    return f"{name} is {shown!r}: give {_kind(info)}."


def _options(value: Any, allowed: tuple[str, ...]) -> str:
    near = difflib.get_close_matches(str(value), allowed, 3, 0.5)
    return " or ".join(map(repr, near if near and len(allowed) > 10 else allowed))


def _range(info: FieldInfo) -> str:
    bounds = {type(bound).__name__: bound for bound in info.metadata}
    low, high = bounds["Ge"].ge, bounds["Le"].le if "Le" in bounds else None
    return f"from {low:g}" + (f" to {high:g}" if high is not None else " up")


def _kind(info: FieldInfo) -> str:
    names: dict[Any, str] = {
        bool: "true or false", int: "a whole number", float: "a number", str: "a text",
    }  # fmt: skip
    return names.get(info.annotation, 'a list of texts, such as ["a", "b"]')


def _extra(info: FieldInfo) -> Mapping[str, Any]:
    return info.json_schema_extra if isinstance(info.json_schema_extra, Mapping) else {}
