import pytest

from components.shared.artifacts.evaluation import check_variants
from components.shared.settings.presets import (
    FIELDS,
    PRESETS,
    arguments_of,
    resolve,
    values_of,
)
from components.shared.settings.table import PARAMETERS, check, defaults
from components.shared.settings.variants import differences, parse_variant


def test_settings_go_over_the_preset_and_the_preset_over_the_defaults() -> None:
    values = values_of("quickstart", ["skipgram_dim=32", "devise_margin=1"])
    assert values["skipgram_dim"] == 32
    assert values["devise_margin"] == 1.0
    assert values["skipgram_window"] == PARAMETERS["skipgram_window"].default
    assert values["run_name"] == "quickstart"


def test_a_number_is_of_its_settings_type_however_json_wrote_it() -> None:
    given = {"skipgram_phrase_threshold": 10, "visual_epochs": 3.0, "devise_bias": True}
    values = resolve("quickstart", given, {"seed": 1.0})
    assert [str(values[name]) for name in given] == ["10.0", "3", "True"]
    assert str(values["seed"]) == "1"


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


@pytest.mark.parametrize("preset", PRESETS)
def test_the_pipelines_arguments_resolve_to_the_values_they_were_made_from(preset: str) -> None:
    values = values_of(preset, ["seed=3", "devise_margin=0.2", "images_uri=i"])
    arguments = arguments_of(preset, values)
    fields = {name: arguments[name] for name in FIELDS}
    assert resolve(arguments["preset"], arguments["settings"], fields) == values


def test_only_what_differs_from_the_preset_is_among_the_settings() -> None:
    arguments = arguments_of("paper", values_of("paper", ["devise_margin=0.2", "seed=1"]))
    assert arguments["settings"] == {"devise_margin": 0.2}
    assert arguments["seed"] == 1


def test_an_empty_field_leaves_what_the_preset_says() -> None:
    fields = {"checkpoints_uri": "", "corpus_uris": [], "seed": 0, "run_name": ""}
    values = resolve("paper", {}, fields)
    assert values["checkpoints_uri"] == PRESETS["paper"]["checkpoints_uri"]
    assert values["run_name"] == "paper"
    assert set(values) == set(defaults())


@pytest.mark.parametrize(
    ("preset", "settings", "message"),
    [
        ("papers", {}, "preset is 'papers': choose 'quickstart' or"),
        ("paper", {"devise_margn": 1}, "did you mean devise_margin"),
        ("paper", {"seed": 1}, "settings has seed, which is a field of its own"),
    ],
)
def test_what_cannot_be_resolved_is_refused(
    preset: str, settings: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        resolve(preset, settings, {})


def test_the_tiny_imagenet_preset_holds_out_forty_classes() -> None:
    unseen = PRESETS["tiny_imagenet"]["images_unseen"]
    assert isinstance(unseen, list)
    assert len(set(unseen)) == 40
    assert unseen == sorted(unseen)


@pytest.mark.parametrize("preset", ["tiny_imagenet", "paper"])
def test_presets_that_claim_have_the_controls_without_words(preset: str) -> None:
    texts = PRESETS[preset]["devise_variants"]
    assert isinstance(texts, list)
    variants = {one.name: differences(one) for one in map(parse_variant, texts)}
    check_variants(list(variants))
    best = variants["devise_best"]
    assert variants["random_per_synset"] == {"labels_vectors": "random_per_synset"}
    assert variants["random_best"] == {**best, "labels_vectors": "random_per_synset"}
    assert variants["devise_best_no_text"] == {**best, "labels_vectors": "random_words"}


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_stops_on_the_way_down_of_its_learning_rate(preset: str) -> None:
    assert values_of(preset, [])["visual_patience"] == 0
