from pathlib import Path
from typing import Any

import pytest
import yaml

from components.shared.settings.parameter import PARAMETERS
from pipeline.cluster.compilation import write_pipeline
from pipeline.cluster.resources import STAGES, Cluster
from pipeline.presets import PRESETS
from pipeline.settings import values_of

GPU_STAGES = {stage for stage, wanted in STAGES.items() if wanted.gpus}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    file = tmp_path_factory.mktemp("compiled") / "pipeline.yaml"
    cluster = Cluster(registry="registry.example/team", tag="1.0")
    write_pipeline(values_of("paper", []), cluster, file)
    specification, platform = yaml.safe_load_all(file.read_text())
    return specification, platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"]


def executors(specification: dict[str, Any]) -> dict[str, Any]:
    return dict(specification["deploymentSpec"]["executors"])


def stage_of(executor: dict[str, Any]) -> str:
    image = str(executor["container"]["image"])
    return image.split("/")[-1].split(":")[0].removeprefix("devise-").replace("-", "_")


def tasks(specification: dict[str, Any]) -> dict[str, Any]:
    inner = [c["dag"]["tasks"] for c in specification["components"].values() if "dag" in c]
    return {
        k: v for part in [specification["root"]["dag"]["tasks"], *inner] for k, v in part.items()
    }


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_compiles(preset: str, tmp_path: Path) -> None:
    write_pipeline(values_of(preset, []), Cluster(), tmp_path / "pipeline.yaml")
    assert [file.name for file in tmp_path.iterdir()] == ["pipeline.yaml"]


def test_every_stage_runs_in_its_own_image(compiled: Any) -> None:
    images = {executor["container"]["image"] for executor in executors(compiled[0]).values()}
    expected = {f"registry.example/team/devise-{s.replace('_', '-')}:1.0" for s in STAGES}
    assert images == expected


def test_every_parameter_has_a_description_and_the_presets_value(compiled: Any) -> None:
    inputs = compiled[0]["root"]["inputDefinitions"]["parameters"]
    values = values_of("paper", [])
    assert set(inputs) == set(PARAMETERS)
    for name, definition in inputs.items():
        assert definition["description"] == PARAMETERS[name].description
        assert definition["defaultValue"] == values[name]


def test_choices_are_offered_in_the_form(compiled: Any) -> None:
    inputs = compiled[0]["root"]["inputDefinitions"]["parameters"]
    assert inputs["devise_loss"]["literals"] == ["rank", "l2", "cross_entropy"]


def test_limits_are_set_and_gpus_only_where_they_are_used(compiled: Any) -> None:
    for executor in executors(compiled[0]).values():
        resources = executor["container"]["resources"]
        assert resources["resourceCpuLimit"]
        assert resources["resourceMemoryLimit"]
        assert ("accelerator" in resources) == (stage_of(executor) in GPU_STAGES)


def test_gpu_stages_are_placed_on_gpu_nodes_with_shared_memory(compiled: Any) -> None:
    specification, platform = compiled
    for name, executor in executors(specification).items():
        settings = platform[name]
        placed = "nodeSelector" in settings and "tolerations" in settings
        assert placed == (stage_of(executor) in GPU_STAGES)
        mounts = [mount["mountPath"] for mount in settings.get("emptyDirMounts", [])]
        assert ("/dev/shm" in mounts) == placed


def test_secrets_come_by_reference_and_never_as_values(compiled: Any) -> None:
    specification, platform = compiled
    for settings in platform.values():
        (secret,) = settings["secretAsEnv"]
        assert {e["envVar"] for e in secret["keyToEnv"]} == {
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
        }
    for executor in executors(specification).values():
        names = {item["name"] for item in executor["container"]["env"]}
        assert not {name for name in names if "SECRET" in name or "PASSWORD" in name}


def test_containers_run_as_nobody_special_and_know_their_run(compiled: Any) -> None:
    for settings in compiled[1].values():
        assert settings["securityContext"]["runAsNonRoot"]
        fields = {item["name"]: item["fieldPath"] for item in settings["fieldPathAsEnv"]}
        assert fields["KFP_RUN_ID"] == "metadata.labels['pipeline/runid']"
        assert int(settings["activeDeadlineSeconds"]) > 0


def test_stages_with_effects_outside_are_never_cached(compiled: Any) -> None:
    cached = {
        name: task.get("cachingOptions", {}).get("enableCache", False)
        for name, task in tasks(compiled[0]).items()
        if "componentRef" in task and not name.startswith("for-loop")
    }
    assert not cached["open-run"]
    assert not cached["register-model"]
    assert cached["train-skipgram"]


def test_tasks_are_tried_again(compiled: Any) -> None:
    found = tasks(compiled[0])
    assert found["train-devise"]["retryPolicy"]["maxRetryCount"] == 5


def test_each_tasks_code_version_is_part_of_its_cache_key(compiled: Any) -> None:
    for name, task in tasks(compiled[0]).items():
        if name not in ("open-run",) and not name.startswith("for-loop"):
            assert "code_version" in task["inputs"]["parameters"]


def test_the_graph_is_the_documented_one(compiled: Any) -> None:
    found = tasks(compiled[0])
    after = {name: set(task.get("dependentTasks", [])) for name, task in found.items()}
    assert after["prepare-taxonomy"] == {"open-run"}
    assert after["map-synsets"] == {"prepare-images", "prepare-taxonomy", "train-skipgram"}
    inputs = {"map-synsets", "prepare-images", "prepare-taxonomy", "pretrain-visual"}
    assert after["train-devise"] == inputs
    assert after["train-devise-2"] == after["train-devise"]
    assert {"train-devise", "train-devise-2"} <= after["evaluate"]
    assert "evaluate" in after["draw-report"]
    assert {"evaluate", "draw-report"} <= after["register-model"]
