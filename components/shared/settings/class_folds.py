"""Classes cut into groups: in fold f group f is unseen, all others are trained on.

A list of them is JSON, as `pipeline.py folds` writes it: `{"seed": 2013, "folds": [["n01443537",
...], ...]}`.
"""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from components.shared.settings.images import Wnid

Group = Annotated[tuple[Wnid, ...], Field(min_length=1)]


class ClassFolds(BaseModel):
    """Groups of classes, none of which two have.

    Attributes:
        seed: What they were drawn with.
        folds: The wnids of each.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    seed: int
    folds: Annotated[tuple[Group, ...], Field(min_length=2)]


def read_class_folds(file: Path) -> ClassFolds:
    """Read a list of folds.

    Raises:
        ValueError: It is not there, no such list, or has a class twice.
    """
    try:
        found = ClassFolds.model_validate_json(file.read_bytes())
    except OSError as error:
        raise ValueError(f"{file} cannot be read ({error.strerror}): give a fold list.") from error
    except ValidationError as error:
        raise ValueError(f"{file} is no fold list ({_first(error)}): {_ADVICE}") from error
    wnids = [wnid for group in found.folds for wnid in group]
    if twice := sorted({wnid for wnid in wnids if wnids.count(wnid) > 1}):
        raise ValueError(f"{file} has the class {twice[0]} twice: {_ADVICE}")
    return found


_ADVICE = "give one that 'pipeline.py folds' writes."


def _first(error: ValidationError) -> str:
    """What is wrong first, and where in the file."""
    first = error.errors()[0]
    place = "/".join(map(str, first["loc"]))
    return f"{place}: {first['msg']}" if place else str(first["msg"])
