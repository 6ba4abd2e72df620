"""Settings for stages under test."""

from typing import Any, TypeVar

from pydantic import BaseModel

from components.shared.settings.table import PARAMETERS

Group = TypeVar("Group", bound=BaseModel)

OTHERS: dict[str, Any] = {
    "precision": "fp32",
    "taxonomy_uri": "t",
    "images_uri": "i",
    "corpus_uris": ["c"],
    "images_classes": ["n01443537"],
    "images_unseen": ["n01443537"],
    "visual_architecture": "resnet18",
    "visual_processes": 1,
    "devise_processes": 1,
    "register_metric": "hierarchical_precision_at_5",
    "evaluate_zero_shot_sets": ["2-hop"],
    "evaluate_penalties": ["devise=0.5"],
    "devise_loss": "l2",
    "devise_margin_scaling": "relatedness",
    "devise_violators": "all",
    "labels_target": "mean_of_terms",
    "labels_vectors": "random",
    "labels_vectors_trained_on": "text",
    "corpus_unit": "paragraph",
}


def unchecked(group: type[Group], **values: Any) -> Group:
    """A group's settings with these values, the others as they are by default.

    Unchecked: the tests' worlds have classes with shorter names than wnids, and trainings of
    extremes.
    """
    return group.model_construct(**values)


def changed(settings: Group, **values: Any) -> Group:
    """The settings with some values changed."""
    return settings.model_copy(update=values)


def another(name: str) -> Any:
    """A value that is allowed and is not the default."""
    default = PARAMETERS[name].default
    if name in OTHERS:
        return OTHERS[name]
    if isinstance(default, bool):
        return not default
    if isinstance(default, str):
        return f"{default}x"
    if isinstance(default, list):
        return [*default, "other"]
    info = PARAMETERS[name].info
    bounds = {type(bound).__name__: bound for bound in info.metadata}
    high = bounds["Le"].le if "Le" in bounds else default + 1
    low = bounds["Ge"].ge
    return type(default)(high if high != default else low)
