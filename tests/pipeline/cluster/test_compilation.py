from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from components.shared.execution.code_version import code_version
from components.shared.settings.presets import PRESETS, values_of
from pipeline.cluster.compilation import write_pipeline
from pipeline.cluster.resources import Cluster
from pipeline.cluster.sizes import GPU_STAGES, SIZES, STAGES, with_gpus
from pipeline.form import NAMES, REQUIRED, default_values, form_values
from pipeline.git_commit import git_commit

Compiled = tuple[dict[str, Any], dict[str, Any]]
"""What is said of the pipeline, and what of its tasks on Kubernetes."""


def compile_for(cluster: Cluster, folder: Path) -> Compiled:
    file = folder / "pipeline.yaml"
    write_pipeline(default_values("paper"), cluster, file)
    specification, *platform = yaml.safe_load_all(file.read_text())
    kubernetes = platform[0]["platforms"]["kubernetes"]
    return specification, kubernetes["deploymentSpec"]["executors"]


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    cluster = Cluster(registry="registry.example/team", tag="1.0")
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """For a small cluster, with nothing taken from the cache."""
    cluster = Cluster(registry="registry.example/team", resources=SIZES["small"], uncached=STAGES)
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """For a cluster of which everything is said that can be."""
    cluster = Cluster(
        resources=with_gpus(SIZES["gpu"], 2),
        gpu_node_label=("pool", "gpu"),
        parallel=3,
        image_pull_secret="mine",
        scratch_class="fast",
        uncached=["train_devise"],
    )
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


@pytest.fixture(scope="module")
def modest(tmp_path_factory: pytest.TempPathFactory) -> Compiled:
    """For the paper's data without GPUs, on nodes with large disks of their own."""
    cluster = Cluster(resources=with_gpus(SIZES["paper"], 0), scratch_class="node")
    return compile_for(cluster, tmp_path_factory.mktemp("compiled"))


def environment(executor: Mapping[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in executor["container"]["env"]}


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


def stage_tasks(specification: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every task that is a stage, at the root, in nested pipelines and their loops."""
    for name, task in tasks(specification).items():
        stage = name.replace("-", "_").removesuffix("_2")
        if stage in STAGES:
            yield stage, task


def is_cached(task: Mapping[str, Any]) -> bool:
    return bool(task.get("cachingOptions", {}).get("enableCache", False))


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


def test_what_asks_for_a_gpu_is_put_where_there_is_one_with_shared_memory(compiled: Any) -> None:
    specification, platform = compiled
    for name, executor in executors(specification).items():
        settings, on_gpu = platform[name], stage_of(executor) in GPU_STAGES
        assert "nodeSelector" not in settings
        assert ("tolerations" in settings) == on_gpu
        mounts = [mount["mountPath"] for mount in settings.get("emptyDirMounts", [])]
        assert ("/dev/shm" in mounts) == on_gpu


def test_nodes_with_gpus_can_be_named_by_a_label(furnished: Any) -> None:
    specification, platform = furnished
    for name, executor in executors(specification).items():
        selector = platform[name].get("nodeSelector", {}).get("labels")
        assert selector == ({"pool": "gpu"} if stage_of(executor) in GPU_STAGES else None)


def test_without_gpus_nothing_asks_for_one(modest: Any) -> None:
    specification, platform = modest
    for name, executor in executors(specification).items():
        assert "accelerator" not in executor["container"]["resources"]
        assert "tolerations" not in platform[name]


def test_the_number_of_gpus_is_compiled_in(furnished: Any) -> None:
    for executor in executors(furnished[0]).values():
        asked = executor["container"]["resources"].get("accelerator", {})
        on_gpu = stage_of(executor) in GPU_STAGES
        assert (asked.get("count"), asked.get("type")) == (
            ("2", "nvidia.com/gpu") if on_gpu else (None, None)
        )


def test_a_small_pipeline_runs_on_two_cpus_without_gpu_volume_or_selector(small: Any) -> None:
    specification, platform = small
    for name, executor in executors(specification).items():
        resources = executor["container"]["resources"]
        assert resources["resourceCpuRequest"] == "200m"
        assert resources["resourceMemoryRequest"] in ("1Gi", "2Gi")
        assert resources["resourceMemoryLimit"] == resources["resourceMemoryRequest"]
        assert "accelerator" not in resources
        volumes = {"nodeSelector", "tolerations", "emptyDirMounts", "genericEphemeralVolume"}
        assert not volumes & set(platform[name])


def test_libraries_start_no_more_threads_than_the_pod_may_use(compiled: Any) -> None:
    for executor in executors(compiled[0]).values():
        cpu = executor["container"]["resources"]["resourceCpuLimit"]
        assert environment(executor)["OMP_NUM_THREADS"] == cpu


def test_temporary_files_lie_on_the_scratch_volume_where_there_is_one(compiled: Any) -> None:
    specification, platform = compiled
    for name, executor in executors(specification).items():
        size = SIZES["paper"][stage_of(executor)].scratch
        volumes = platform[name].get("genericEphemeralVolume", [])
        assert [volume["size"] for volume in volumes] == ([size] if size else [])
        assert [volume["mountPath"] for volume in volumes] == (["/scratch"] if size else [])
        assert environment(executor).get("TMPDIR") == ("/scratch" if size else None)
        assert all(volume["defaultStorageClass"] for volume in volumes)


def test_a_storage_class_of_scratch_volumes_can_be_named(furnished: Any) -> None:
    (volume,) = furnished[1]["exec-train-devise"]["genericEphemeralVolume"]
    assert volume["storageClassName"] == "fast"
    assert not volume.get("defaultStorageClass")


def test_scratch_can_lie_on_the_nodes_own_disk(modest: Any) -> None:
    settings = modest[1]["exec-evaluate"]
    assert "genericEphemeralVolume" not in settings
    (mount,) = settings["emptyDirMounts"]
    assert mount["mountPath"] == "/scratch"
    assert mount["sizeLimit"] == SIZES["paper"]["evaluate"].scratch
    assert "medium" not in mount


def test_so_many_models_are_trained_side_by_side(compiled: Any, furnished: Any) -> None:
    def at_once(specification: dict[str, Any]) -> int:
        loop = specification["components"]["comp-embeddings"]["dag"]["tasks"]["for-loop-1"]
        return int(loop["iteratorPolicy"]["parallelismLimit"])

    assert at_once(compiled[0]) == 1
    assert at_once(furnished[0]) == 3


def test_nodes_log_in_to_the_registry_with_the_secret_named(compiled: Any, furnished: Any) -> None:
    for settings in furnished[1].values():
        (secret,) = settings["imagePullSecret"]
        assert secret["secretName"] == "mine"
    assert not any("imagePullSecret" in settings for settings in compiled[1].values())


def test_a_stage_knows_the_commit_and_the_code_that_it_was_compiled_from(compiled: Any) -> None:
    for executor in executors(compiled[0]).values():
        given = environment(executor)
        assert given["DEVISE_GIT_COMMIT"] == git_commit()
        assert given["DEVISE_CODE_VERSION"] == code_version(stage_of(executor))


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
    found = list(stage_tasks(compiled[0]))
    assert {stage for stage, _ in found} == set(STAGES)
    uncached = {stage for stage, task in found if not is_cached(task)}
    assert uncached == {"open_run", "register_model"}


def test_without_the_cache_every_task_is_done_again_also_nested_ones(small: Any) -> None:
    found = list(stage_tasks(small[0]))
    assert {"prepare_corpus", "train_skipgram", "train_devise"} <= {stage for stage, _ in found}
    assert not any(is_cached(task) for _, task in found)


def test_one_stage_can_be_done_again(furnished: Any) -> None:
    uncached = {stage for stage, task in stage_tasks(furnished[0]) if not is_cached(task)}
    assert uncached == {"open_run", "register_model", "train_devise"}


@pytest.mark.parametrize(("fixture", "size"), [("compiled", "paper"), ("small", "small")])
def test_a_task_may_take_its_time_in_every_attempt(
    fixture: str, size: str, request: pytest.FixtureRequest
) -> None:
    found = list(stage_tasks(request.getfixturevalue(fixture)[0]))
    assert len(found) == len(STAGES) + 1
    for stage, task in found:
        wanted = SIZES[size][stage]
        assert task["retryPolicy"] == {
            "maxRetryCount": wanted.retries,
            "backoffDuration": "30s",
            "backoffFactor": 2.0,
            "backoffMaxDuration": f"{(wanted.retries + 1) * wanted.hours * 3600}s",
        }


def test_each_tasks_code_version_is_part_of_its_cache_key(compiled: Any) -> None:
    for stage, task in stage_tasks(compiled[0]):
        assert ("code_version" in task["inputs"]["parameters"]) == (stage != "open_run")


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
    assert {"embeddings", "evaluate"} <= after["register-model"]
