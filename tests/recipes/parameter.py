"""Run in a copy of the project in which the recipe for a parameter was followed."""

import json
from typing import Any

import pytest

from components.open_run.handing_out import hand_out
from components.shared.settings.devise import DeviseSettings
from components.shared.settings.parameter import read
from components.shared.settings.presets import values_of
from components.shared.settings.together import check_all
from pipeline.cli import main

NAME = "devise_weight_decay"
NO_STATES: dict[str, dict[str, str]] = {
    name: {} for name in ("taxonomy", "skipgram", "images", "visual", "labels")
}


def handed_to_train_devise(*settings: str) -> dict[str, Any]:
    values = {**values_of("quickstart", settings), "corpus_uris": []}
    models = hand_out(values, {**NO_STATES, "corpus": {}}).models
    return {model["variant"]: read_text(model["devise"]) for model in models}


def read_text(settings: str) -> Any:
    return read(DeviseSettings, json.loads(settings))


def test_it_arrives_in_its_stage() -> None:
    handed = handed_to_train_devise(f"{NAME}=0.25")
    assert {settings.weight_decay for settings in handed.values()} == {0.25}


def test_a_variant_may_differ_in_it() -> None:
    handed = handed_to_train_devise(f'devise_variants=["devise_decayed: {NAME}=0.5"]')
    assert handed["devise_decayed"].weight_decay == 0.5
    assert handed["devise"].weight_decay == 0.0


def test_it_has_bounds() -> None:
    with pytest.raises(ValueError, match=f"{NAME} is 2.0: allowed is from 0 to 1"):
        check_all(values_of("quickstart", [f"{NAME}=2.0"]))


def test_it_is_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["parameters"]) == 0
    assert f"{NAME} = 0.0\n      Weight decay of the projection." in capsys.readouterr().out
