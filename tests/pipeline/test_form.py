import inspect
from typing import Any

import pytest

from components.shared.settings.presets import FIELDS, PRESETS, values_of
from components.shared.settings.table import PARAMETERS
from pipeline.form import (
    NAMES,
    OWN_DESCRIPTIONS,
    REQUIRED,
    as_form,
    choices,
    default_values,
    form_values,
)


def form(**defaults: Any) -> tuple[Any, list[dict[str, Any]]]:
    """A form over these defaults, and what its function is called with."""
    called: list[dict[str, Any]] = []

    def devise(**values: Any) -> None:
        called.append(values)

    return as_form(devise, {**default_values("paper"), **defaults}), called


def parameters(made: Any) -> dict[str, inspect.Parameter]:
    return dict(inspect.signature(made).parameters)


def test_the_form_has_the_preset_the_fields_and_the_settings() -> None:
    assert set(NAMES) == {"preset", *FIELDS, "settings"}
    assert len(NAMES) <= 14
    made, _ = form()
    assert set(parameters(made)) == set(NAMES)
    assert made.__name__ == "devise"


def test_what_must_be_given_has_no_default_and_comes_first() -> None:
    found = parameters(form()[0])
    without = [name for name, one in found.items() if one.default is inspect.Parameter.empty]
    assert set(without) == set(REQUIRED)
    assert list(found)[: len(without)] == without


def test_a_required_field_that_is_given_beforehand_has_that_default() -> None:
    found = parameters(form(images_uri="s3://b/images", corpus_uris=[])[0])
    assert found["images_uri"].default == "s3://b/images"
    assert found["corpus_uris"].default is inspect.Parameter.empty


def test_values_reach_the_function_by_their_names() -> None:
    made, called = form()
    order = list(parameters(made))
    made(*(f"value of {name}" for name in order))
    assert called == [{name: f"value of {name}" for name in NAMES}]


def test_as_many_values_are_wanted_as_there_are_fields() -> None:
    made, called = form()
    with pytest.raises(ValueError, match="zip"):
        made("one")
    assert called == []


def test_every_field_has_a_type_that_kubeflow_knows() -> None:
    found = {name: one.annotation for name, one in parameters(form()[0]).items()}
    assert found["corpus_uris"] == list[str]
    assert (found["settings"], found["seed"], found["preset"]) == (dict, int, str)
    assert {name for name, kind in found.items() if kind is str} == set(NAMES) - {
        *("corpus_uris", "settings", "seed", "training_seed")
    }


def test_every_field_is_described() -> None:
    said = inspect.getdoc(form()[0])
    assert said is not None
    for name in NAMES:
        description = OWN_DESCRIPTIONS.get(name) or PARAMETERS[name].description
        assert f"{name}: {description}" in said


@pytest.mark.parametrize("preset", PRESETS)
def test_the_defaults_of_a_preset_leave_out_what_must_be_given(preset: str) -> None:
    values = default_values(preset)
    assert set(values) == set(NAMES) - set(REQUIRED)
    assert (values["preset"], values["settings"]) == (preset, {})
    assert values["seed"] == PARAMETERS["seed"].default


def test_what_a_person_gave_beforehand_is_in_the_form_and_nothing_else_of_the_preset() -> None:
    values = values_of("paper", ["images_uri=s3://b/images", "devise_margin=0.2", "seed=3"])
    found = form_values("paper", values, {"images_uri", "devise_margin", "seed"})
    assert (found["images_uri"], found["seed"]) == ("s3://b/images", 3)
    assert found["settings"] == {"devise_margin": 0.2}
    assert "checkpoints_uri" not in found


def test_presets_are_offered_to_choose_from() -> None:
    assert choices() == {"preset": list(PRESETS)}
