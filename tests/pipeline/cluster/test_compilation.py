from pathlib import Path
from typing import Any

import pytest
from support.compiled import Compiled, executors, tasks

from components.shared.settings.presets import PRESETS, values_of
from pipeline.cluster.compilation import read_pipeline, write_pipeline
from pipeline.cluster.resources import Cluster
from pipeline.form import NAMES, REQUIRED, default_values, form_values


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_compiles(preset: str, tmp_path: Path) -> None:
    write_pipeline(default_values(preset), Cluster(), tmp_path / "pipeline.yaml")
    assert [file.name for file in tmp_path.iterdir()] == ["pipeline.yaml"]


def test_the_form_has_few_fields_and_refuses_the_required_ones_empty(compiled: Compiled) -> None:
    inputs = compiled[0]["root"]["inputDefinitions"]["parameters"]
    assert set(inputs) == set(NAMES)
    assert len(inputs) <= 14
    for name, definition in inputs.items():
        assert definition["description"]
        assert ("defaultValue" in definition) == (name not in REQUIRED)


def test_presets_are_offered_as_a_drop_down(compiled: Compiled) -> None:
    inputs = compiled[0]["root"]["inputDefinitions"]["parameters"]
    assert inputs["preset"]["literals"] == list(PRESETS)
    assert inputs["preset"]["defaultValue"] == "paper"


def test_what_a_person_gives_beforehand_stands_in_the_form(tmp_path: Path) -> None:
    given = ["images_uri=s3://b/images", "devise_margin=0.2"]
    defaults = form_values("paper", values_of("paper", given), {"images_uri", "devise_margin"})
    write_pipeline(defaults, Cluster(), tmp_path / "pipeline.yaml")
    specification, _ = read_pipeline(tmp_path / "pipeline.yaml")
    inputs = specification["root"]["inputDefinitions"]["parameters"]
    assert inputs["images_uri"]["defaultValue"] == "s3://b/images"
    assert inputs["settings"]["defaultValue"] == {"devise_margin": 0.2}
    assert "defaultValue" not in inputs["checkpoints_uri"]


def test_so_many_models_are_trained_side_by_side(compiled: Compiled, furnished: Compiled) -> None:
    def at_once(specification: dict[str, Any]) -> int:
        loop = specification["components"]["comp-embeddings"]["dag"]["tasks"]["for-loop-1"]
        return int(loop["iteratorPolicy"]["parallelismLimit"])

    assert at_once(compiled[0]) == 1
    assert at_once(furnished[0]) == 3


def test_a_training_asks_for_the_gpus_that_its_model_needs(compiled: Compiled) -> None:
    name = "pipelinechannel--models-loop-item-subvar-gpus"
    container = executors(compiled[0])["exec-train-devise"]["container"]
    asked = container["resources"]["accelerator"]["resourceCount"]
    assert asked == "{{$.inputs.parameters['" + name + "']}}"
    assert tasks(compiled[0])["train-devise"]["inputs"]["parameters"][name] == {
        "componentInputParameter": "pipelinechannel--models-loop-item",
        "parameterExpressionSelector": 'parseJson(string_value)["gpus"]',
    }
    opened = tasks(compiled[0])["open-run"]["inputs"]["parameters"]
    assert opened["gpus"] == {"runtimeValue": {"constant": 1}}


def test_the_visual_training_asks_for_the_gpus_that_open_run_says(compiled: Compiled) -> None:
    name = "pipelinechannel--open-run-visual_gpus"
    asked = "{{$.inputs.parameters['" + name + "']}}"
    for executor in ("exec-pretrain-visual", "exec-pretrain-visual-2"):
        container = executors(compiled[0])[executor]["container"]
        assert container["resources"]["accelerator"]["resourceCount"] == asked
    for task in ("pretrain-visual", "pretrain-visual-2"):
        assert tasks(compiled[0])[task]["inputs"]["parameters"][name] == {
            "taskOutputParameter": {
                "outputParameterKey": "visual_gpus",
                "producerTask": "open-run",
            }
        }
