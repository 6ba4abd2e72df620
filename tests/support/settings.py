"""Settings for stages under test.

Unchecked: the tests' worlds have classes with shorter names than wnids, and trainings of extremes.
"""

from typing import Any, TypeVar

from pydantic import BaseModel

Group = TypeVar("Group", bound=BaseModel)


def unchecked(group: type[Group], **values: Any) -> Group:
    """A group's settings with these values, the others as they are by default."""
    return group.model_construct(**values)


def changed(settings: Group, **values: Any) -> Group:
    """The settings with some values changed."""
    return settings.model_copy(update=values)
