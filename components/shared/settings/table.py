"""Every setting by its public name, `<group>_<field>`; those of the run have no prefix.

A field of a group that bears the name of one of the run's is the run's own: `visual.training_seed`
is set as `training_seed`, once for all.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from components.shared.settings.baselines import BaselinesSettings
from components.shared.settings.corpus import CorpusSettings
from components.shared.settings.devise import DeviseSettings
from components.shared.settings.embed import EmbedSettings
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.settings.images import ImagesSettings
from components.shared.settings.labels import LabelsSettings
from components.shared.settings.parameter import (
    Value,
    address_role,
    checked,
    default_of,
    is_for_a_stage,
    is_settable,
    read,
)
from components.shared.settings.register import RegisterSettings
from components.shared.settings.report import ReportSettings
from components.shared.settings.run import RunSettings
from components.shared.settings.skipgram import SkipgramSettings
from components.shared.settings.taxonomy import TaxonomySettings
from components.shared.settings.visual import VisualSettings

RUN = "run"
GROUPS: dict[str, type[BaseModel]] = {
    RUN: RunSettings,
    "taxonomy": TaxonomySettings,
    "corpus": CorpusSettings,
    "skipgram": SkipgramSettings,
    "images": ImagesSettings,
    "visual": VisualSettings,
    "embed": EmbedSettings,
    "labels": LabelsSettings,
    "devise": DeviseSettings,
    "baselines": BaselinesSettings,
    "evaluate": EvaluateSettings,
    "report": ReportSettings,
    "register": RegisterSettings,
}


@dataclass(frozen=True)
class Parameter:
    """A setting under its public name.

    Attributes:
        name: As it is written everywhere.
        group: Its group.
        field: Its name in the group's model.
        info: Its declaration.
    """

    name: str
    group: str
    field: str
    info: FieldInfo

    @property
    def default(self) -> Value:
        """The default, as JSON has it."""
        return default_of(self.info)

    @property
    def description(self) -> str:
        """What it means."""
        return str(self.info.description)

    @property
    def address(self) -> str:
        """`read` or `written` where it is an address, else ""."""
        return address_role(self.info)


def public_name(group: str, field: str) -> str:
    """The name under which a group's field is set."""
    return field if field in RunSettings.model_fields else f"{group}_{field}"


def _parameters() -> dict[str, Parameter]:
    fields = [(group, *item) for group in GROUPS for item in GROUPS[group].model_fields.items()]
    every = [
        Parameter(public_name(group, field), group, field, info)
        for group, field, info in fields
        if is_settable(info) and (group == RUN or field not in RunSettings.model_fields)
    ]
    return {parameter.name: parameter for parameter in every}


PARAMETERS: dict[str, Parameter] = _parameters()


def defaults() -> dict[str, Value]:
    """Default of every setting."""
    return {name: parameter.default for name, parameter in PARAMETERS.items()}


def known(name: str) -> Parameter:
    """The setting of that name.

    Raises:
        ValueError: There is none; the nearest names are given.
    """
    if name not in PARAMETERS:
        near = difflib.get_close_matches(name, PARAMETERS, 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "see 'pipeline.py parameters'."
        raise ValueError(f"There is no parameter {name!r}: {hint}")
    return PARAMETERS[name]


def check(name: str, value: Any) -> None:
    """Check one value against its setting's type and bounds.

    Raises:
        ValueError: It is not allowed; the sentence names the setting and says what is.
    """
    checked(name, known(name).info, value)


def handed_over(settings: BaseModel) -> dict[str, Any]:
    """A group's settings as its stage is given them: JSON, without what shapes the graph."""
    fields = type(settings).model_fields.items()
    of_graph = {name for name, info in fields if not is_for_a_stage(info)}
    return settings.model_dump(mode="json", exclude=of_graph)


def group_of(group: str, values: Mapping[str, Any], **found: Any) -> Any:
    """A group's settings as its stage is given them.

    Args:
        group: Its name.
        values: Every setting by its public name.
        found: What open_run found out, or gives the stage in place of a setting.
    """
    fields = GROUPS[group].model_fields
    set_ = {
        field: values[public_name(group, field)]
        for field, info in fields.items()
        if is_settable(info) and is_for_a_stage(info)
    }
    return read(GROUPS[group], {**set_, **found})
