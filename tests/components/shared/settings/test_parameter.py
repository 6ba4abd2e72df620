import dataclasses
import importlib
import inspect
from pathlib import Path
from typing import Any

import pytest

from components.open_run.component import open_run
from components.shared.networks.architectures import ARCHITECTURES, SMALL_RESNET
from components.shared.settings.parameter import GROUPS, PARAMETERS, check, check_all

CONFIGS = {
    "taxonomy": ("prepare_taxonomy", "TaxonomyConfig"),
    "corpus": ("prepare_corpus", "CorpusConfig"),
    "skipgram": ("train_skipgram", "SkipgramConfig"),
    "images": ("prepare_images", "ImagesConfig"),
    "visual": ("pretrain_visual", "PretrainConfig"),
    "labels": ("map_synsets", "LabelsConfig"),
    "devise": ("train_devise", "DeviseConfig"),
    "evaluate": ("evaluate", "EvaluateConfig"),
    "report": ("draw_report", "ReportConfig"),
    "register": ("register_model", "RegisterConfig"),
}
PASSED_BY_THE_GRAPH = ("corpus_uris", "devise_variants", "visual_continued_learning_rate")
GIVEN = {
    "taxonomy_uri": "t",
    "corpus_uris": ["c"],
    "images_uri": "i",
    "images_unseen": ["n01443537"],
}


def config_of(group: str) -> Any:
    module = importlib.import_module(f"components.shared.settings.{group}")
    found = [item for _, item in inspect.getmembers(module, dataclasses.is_dataclass)]
    return next(item for item in found if getattr(item, "prefix", None) == group)


@pytest.mark.parametrize("group", CONFIGS)
def test_every_default_equals_that_of_the_stages_configuration(group: str) -> None:
    config = config_of(group)()
    for parameter in GROUPS[group]:
        field = parameter.name.removeprefix(f"{group}_")
        if parameter.name in PASSED_BY_THE_GRAPH:
            continue
        value = getattr(config, field)
        assert (list(value) if isinstance(value, tuple) else value) == parameter.default


@pytest.mark.parametrize("group", CONFIGS)
def test_every_field_of_a_configuration_is_a_parameter(group: str) -> None:
    others = {"uri", "seed", "precision", "model_name", "evaluate_zero_shot_sets", "zero_shot_sets"}
    others |= {"training_seed", "variants"}
    names = {f"{group}_{field.name}" for field in dataclasses.fields(config_of(group))}
    unknown = names - set(PARAMETERS) - {f"{group}_{name}" for name in others}
    assert not unknown


def test_defaults_are_allowed_once_the_inputs_are_given() -> None:
    check_all({**{name: p.default for name, p in PARAMETERS.items()}, **GIVEN})


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
        ("precision", "fp16", "choose 'bf16' or 'fp32'"),
        ("visual_architecture", "resnet_18", "choose 'resnet18'"),
        ("images_unseen", ["goldfish"], "images_unseen has 'goldfish': each must match"),
        ("images_unseen", ["n01443537", "n01443537"], "names 'n01443537' twice"),
        ("images_unseen", "n01443537", "a list of texts"),
        ("corpus_uris", [], "corpus_uris is empty"),
        ("taxonomy_uri", "", "taxonomy_uri is empty"),
        ("evaluate_zero_shot_sets", ["4-hop"], "evaluate_zero_shot_sets has '4-hop'"),
        ("evaluate_zero_shot_sets", ["Two=x"], "evaluate_zero_shot_sets has 'Two=x'"),
        ("register_metric", "accuracy", "choose 'flat_hit_at_1'"),
        ("seed", -1, "seed is -1: allowed is from 0"),
    ],
)
def test_a_wrong_value_is_refused_with_a_sentence(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check(name, value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"visual_input_size": 300}, "visual_input_size is 300, larger than visual_resize"),
        ({"labels_retrofitting": 0.5}, "set labels_target=mean_of_terms too"),
        (
            {"devise_variants": ["devise_near: labels_retrofitting=0.5"]},
            "set labels_target=mean_of_terms too",
        ),
        ({"images_classes": ["n02124075"]}, "n01443537, which images_classes leaves out"),
        ({"images_classes": ["n01443537"]}, "holds out every class"),
        ({"images_unseen": []}, "images_unseen is empty: name the classes"),
        ({"skipgram_learning_rate": 1e-5}, "skipgram_minimum_learning_rate is larger"),
    ],
)
def test_values_that_do_not_go_together_are_refused(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_all({**GIVEN, **values})


def test_classes_of_a_zero_shot_split_alone_can_be_the_unseen_ones() -> None:
    check_all({**GIVEN, "images_unseen": [], "images_zero_shot_splits": ["fall11"]})


def test_the_architectures_are_torchvisions_and_one_of_our_own() -> None:
    import torchvision

    known = torchvision.models.list_models(module=torchvision.models)
    assert set(ARCHITECTURES) - {SMALL_RESNET} <= set(known)


def test_the_stage_that_checks_parameters_is_given_all_of_them() -> None:
    assert set(inspect.signature(open_run.python_func).parameters) == {*PARAMETERS, "run"}


def test_every_parameter_is_read_by_some_stage(project: Path) -> None:
    faces = "".join(
        file.read_text()
        for file in (project / "components").glob("*/component.py")
        if file.parent.name != "open_run"
    )
    unread = {name for name in PARAMETERS if f"{name}:" not in faces}
    assert unread <= {*PASSED_BY_THE_GRAPH, "run_name", "mlflow_experiment"}
