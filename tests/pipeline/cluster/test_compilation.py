from pathlib import Path
from typing import Any

import pytest
import yaml

from components.shared.settings.presets import PRESETS, values_of
from pipeline.cluster.compilation import write_pipeline
from pipeline.cluster.resources import STAGES, Cluster
from pipeline.form import NAMES, REQUIRED, default_values, form_values

GPU_STAGES = {stage for stage, wanted in STAGES.items() if wanted.gpus}


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any]]:
    file = tmp_path_factory.mktemp("compiled") / "pipeline.yaml"
    cluster = Cluster(registry="registry.example/team", tag="1.0")
    write_pipeline(default_values("paper"), cluster, file)
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
    write_pipeline(default_values(preset), Cluster(), tmp_path / "pipeline.yaml")
    assert [file.name for file in tmp_path.iterdir()] == ["pipeline.yaml"]


def test_every_stage_runs_in_its_own_image(compiled: Any) -> None:
    images = {executor["container"]["image"] for executor in executors(compiled[0]).values()}
    expected = {f"registry.example/team/devise-{s.replace('_', '-')}:1.0" for s in STAGES}
    assert images == expected


def test_the_form_has_few_fields_and_refuses_the_required_ones_empty(compiled: Any) -> None:
    inputs = compiled[0]["root"]["inputDefinitions"]["parameters"]
    assert set(inputs) == set(NAMES)
    assert len(inputs) <= 14
    for name, definition in inputs.items():
        assert definition["description"]
        assert ("defaultValue" in definition) == (name not in REQUIRED)


def test_presets_are_offered_as_a_drop_down(compiled: Any) -> None:
    inputs = compiled[0]["root"]["inputDefinitions"]["parameters"]
    assert inputs["preset"]["literals"] == list(PRESETS)
    assert inputs["preset"]["defaultValue"] == "paper"


def test_what_a_person_gives_beforehand_stands_in_the_form(tmp_path: Path) -> None:
    given = ["images_uri=s3://b/images", "devise_margin=0.2"]
    defaults = form_values("paper", values_of("paper", given), {"images_uri", "devise_margin"})
    write_pipeline(defaults, Cluster(), tmp_path / "pipeline.yaml")
    specification = next(yaml.safe_load_all((tmp_path / "pipeline.yaml").read_text()))
    inputs = specification["root"]["inputDefinitions"]["parameters"]
    assert inputs["images_uri"]["defaultValue"] == "s3://b/images"
    assert inputs["settings"]["defaultValue"] == {"devise_margin": 0.2}
    assert "defaultValue" not in inputs["checkpoints_uri"]


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


def test_what_opens_the_mlflow_server_comes_from_a_secret_that_may_lack_keys(
    tmp_path: Path,
) -> None:
    cluster = Cluster(mlflow_secret="mlflow-login")
    write_pipeline(default_values("paper"), cluster, tmp_path / "pipeline.yaml")
    _, platform = yaml.safe_load_all((tmp_path / "pipeline.yaml").read_text())
    for settings in platform["platforms"]["kubernetes"]["deploymentSpec"]["executors"].values():
        _, secret = settings["secretAsEnv"]
        assert secret["secretName"] == "mlflow-login"
        assert secret["optional"] is True
        assert {e["secretKey"]: e["envVar"] for e in secret["keyToEnv"]} == {
            "username": "MLFLOW_TRACKING_USERNAME",
            "password": "MLFLOW_TRACKING_PASSWORD",
            "token": "MLFLOW_TRACKING_TOKEN",
        }


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
        if name.replace("-", "_").removesuffix("_2") in STAGES
    }
    assert not cached["open-run"]
    assert not cached["register-model"]
    assert cached["train-skipgram"]


def test_tasks_are_tried_again(compiled: Any) -> None:
    found = tasks(compiled[0])
    assert found["train-devise"]["retryPolicy"]["maxRetryCount"] == 5


def test_each_tasks_code_version_is_part_of_its_cache_key(compiled: Any) -> None:
    for name, task in tasks(compiled[0]).items():
        if name != "open-run" and name.replace("-", "_").removesuffix("_2") in STAGES:
            assert "code_version" in task["inputs"]["parameters"]


def test_the_graph_is_the_documented_one(compiled: Any) -> None:
    found = tasks(compiled[0])
    after = {name: set(task.get("dependentTasks", [])) for name, task in found.items()}
    assert after["prepare-taxonomy"] == {"open-run"}
    assert after["word-vectors"] == {"open-run", "prepare-taxonomy"}
    assert after["train-skipgram"] == {"for-loop-1"}
    assert after["pretrain-visual-2"] == {"open-run", "prepare-images", "pretrain-visual"}
    assert after["embeddings"] == {
        *("open-run", "prepare-images", "prepare-taxonomy", "pretrain-visual", "word-vectors")
    }
    assert after["train-devise"] == {"map-synsets"}
    assert {"embeddings", "pretrain-visual-2"} <= after["evaluate"]
    assert {"embeddings", "evaluate", "draw-report"} <= after["register-model"]
