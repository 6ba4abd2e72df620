import pytest

from components.shared.settings.parameter import PARAMETERS, check
from pipeline.presets import PRESETS
from pipeline.settings import differing, values_of


def test_settings_go_over_the_preset_and_the_preset_over_the_defaults() -> None:
    values = values_of("quickstart", ["skipgram_dim=32", "devise_margin=1"])
    assert values["skipgram_dim"] == 32
    assert values["devise_margin"] == 1.0
    assert values["skipgram_window"] == PARAMETERS["skipgram_window"].default
    assert values["run_name"] == "quickstart"


@pytest.mark.parametrize("text", ['["a", "b"]', "a,b", "a, b"])
def test_a_list_is_written_as_json_or_with_commas(text: str) -> None:
    assert values_of("quickstart", [f"corpus_uris={text}"])["corpus_uris"] == ["a", "b"]


def test_a_boolean_is_written_as_json() -> None:
    assert values_of("quickstart", ["devise_bias=true"])["devise_bias"] is True


def test_a_text_that_looks_like_a_number_stays_a_text() -> None:
    assert values_of("quickstart", ["run_name=7"])["run_name"] == "7"


@pytest.mark.parametrize("preset", PRESETS)
def test_every_value_of_every_preset_is_allowed(preset: str) -> None:
    for name, value in PRESETS[preset].items():
        check(name, value)


def test_only_what_differs_from_the_defaults_is_sent_to_a_cluster() -> None:
    assert differing(values_of("paper", ["seed=3"]))["seed"] == 3
    assert "devise_margin" not in differing(values_of("paper", []))


def test_the_tiny_imagenet_preset_holds_out_forty_classes() -> None:
    unseen = PRESETS["tiny_imagenet"]["images_unseen"]
    assert isinstance(unseen, list)
    assert len(set(unseen)) == 40
    assert unseen == sorted(unseen)
