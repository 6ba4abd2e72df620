from typing import Any

import pytest
from support.settings import OTHERS, another

from components.shared.networks.architectures import ARCHITECTURES, SMALL_RESNETS
from components.shared.settings.parameter import is_for_a_stage, is_settable
from components.shared.settings.run import RunSettings
from components.shared.settings.table import (
    GROUPS,
    PARAMETERS,
    check,
    defaults,
    group_of,
    handed_over,
    public_name,
)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("devise_margn", 0.1, "no parameter 'devise_margn': did you mean devise_margin"),
        ("skipgram_dim", "many", "skipgram_dim is 'many': give a whole number"),
        ("skipgram_dim", 0, "skipgram_dim is 0: allowed is from 1 to 4096"),
        ("skipgram_dim", 1.5, "give a whole number"),
        ("skipgram_dim", True, "give a whole number"),
        ("skipgram_workers", -1, "allowed is from 1 to 1024"),
        ("devise_margin", -0.1, "allowed is from 0 to 2"),
        ("devise_margin", float("nan"), "devise_margin is nan"),
        ("devise_loss", "hinge", "devise_loss is 'hinge': choose 'rank' or 'l2' or"),
        ("devise_bias", 1, "give true or false"),
        ("precision", "fp16", "choose 'auto' or 'bf16' or 'fp32'"),
        ("visual_architecture", "resnet_18", "choose 'resnet18'"),
        ("visual_architecture", "timm:hf-hub:a/b", "visual_architecture is 'timm:hf-hub:a/b'"),
        ("images_unseen", ["goldfish"], "images_unseen has 'goldfish': each must match"),
        ("images_unseen", ["n01443537", "n01443537"], "names 'n01443537' twice"),
        ("images_unseen", "n01443537", "a list of texts"),
        ("corpus_uris", [], "corpus_uris is empty"),
        ("taxonomy_uri", "", "taxonomy_uri is empty"),
        ("evaluate_zero_shot_sets", ["4-hop"], "evaluate_zero_shot_sets has '4-hop'"),
        ("evaluate_zero_shot_sets", ["Two=x"], "evaluate_zero_shot_sets has 'Two=x'"),
        ("evaluate_penalties", ["devise"], "evaluate_penalties has 'devise'"),
        ("evaluate_penalties", ["devise=much"], "evaluate_penalties has 'devise=much'"),
        ("register_metric", "accuracy", "choose 'flat_hit_at_1'"),
        ("seed", -1, "seed is -1: allowed is from 0"),
        ("evaluate_conse_top", 0, "evaluate_conse_top is 0"),
        ("report_gallery_images", -1, "report_gallery_images is -1"),
        ("evaluate_bootstrap_samples", 0, "evaluate_bootstrap_samples is 0"),
        ("corpus_unit", "sentence", "corpus_unit is 'sentence': choose 'article' or"),
        ("corpus_maximum_tokens", 0, "corpus_maximum_tokens is 0"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check(name, value)


@pytest.mark.parametrize("group", GROUPS)
def test_every_setting_says_what_it_means(group: str) -> None:
    for info in GROUPS[group].model_fields.values():
        assert info.description
        assert info.description.endswith(".")


@pytest.mark.parametrize("group", GROUPS)
def test_a_groups_default_is_what_its_stage_is_given_where_nobody_sets_anything(group: str) -> None:
    given = {**defaults(), "taxonomy_uri": "t", "images_uri": "i"}
    made = group_of(group, given)
    for name, info in GROUPS[group].model_fields.items():
        if is_settable(info) and is_for_a_stage(info) and public_name(group, name) not in OTHERS:
            default = info.get_default(call_default_factory=True)
            assert getattr(made, name) == default


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_setting_reaches_the_groups_that_declare_it(name: str) -> None:
    value = another(name)
    values = {**defaults(), "taxonomy_uri": "x", "images_uri": "x", name: value}
    reached = [
        (group, field)
        for group, model in GROUPS.items()
        for field, info in model.model_fields.items()
        if is_settable(info) and is_for_a_stage(info) and public_name(group, field) == name
    ]
    for group, field in reached:
        assert handed_over(group_of(group, values))[field] == value
    assert reached or not is_for_a_stage(PARAMETERS[name].info)


def test_a_whole_number_that_arrives_as_a_float_is_one() -> None:
    values = {**defaults(), "skipgram_dim": 300.0, "skipgram_learning_rate": 1}
    made = group_of("skipgram", values)
    assert (made.dim, type(made.dim)) == (300, int)
    assert (made.learning_rate, type(made.learning_rate)) == (1.0, float)


def test_what_shapes_the_graph_is_handed_to_no_stage() -> None:
    assert "variants" not in handed_over(group_of("devise", defaults()))
    assert "continued_learning_rate" not in handed_over(group_of("visual", defaults()))


def test_the_runs_own_settings_have_no_prefix_and_are_declared_once() -> None:
    assert {"seed", "training_seed", "precision"} <= set(PARAMETERS)
    own = {"seed", "training_seed", "precision"}
    for group, model in GROUPS.items():
        for name in own & set(model.model_fields):
            assert public_name(group, name) == name
            assert model.model_fields[name].default == RunSettings.model_fields[name].default


def test_the_architectures_are_torchvisions_and_our_own() -> None:
    import torchvision

    known = torchvision.models.list_models(module=torchvision.models)
    assert set(ARCHITECTURES) - set(SMALL_RESNETS) <= set(known)
