from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from kfp import dsl
from support.compiled import Compiled, executors, stage_of, tasks

from components.prepare_taxonomy.component import prepare_taxonomy
from components.shared.execution.code_version import code_version
from components.shared.nodes.train_job import NODE_GPUS
from pipeline.cluster.resources import ON_NODES, Cluster, on_cluster, on_this_machine
from pipeline.cluster.sizes import GPU_STAGES, SIZES, STAGES
from pipeline.git_commit import git_commit


def environment(executor: Mapping[str, Any]) -> dict[str, str]:
    return {item["name"]: item["value"] for item in executor["container"]["env"]}


def stage_tasks(specification: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every task that is a stage, at the root, in nested pipelines and their loops."""
    for name, task in tasks(specification).items():
        stage = name.replace("-", "_").removesuffix("_2")
        if stage in STAGES:
            yield stage, task


def is_cached(task: Mapping[str, Any]) -> bool:
    return bool(task.get("cachingOptions", {}).get("enableCache", False))


def test_every_stage_says_what_it_needs(project: Path) -> None:
    faces = (project / "components").glob("*/component.py")
    assert set(STAGES) == {face.parent.name for face in faces}


def test_every_stage_runs_in_its_own_image(compiled: Compiled) -> None:
    images = {executor["container"]["image"] for executor in executors(compiled[0]).values()}
    expected = {f"registry.example/team/devise-{s.replace('_', '-')}:1.0" for s in STAGES}
    assert images == expected


def test_limits_are_set_and_gpus_only_where_they_are_used(compiled: Compiled) -> None:
    for executor in executors(compiled[0]).values():
        resources = executor["container"]["resources"]
        assert resources["resourceCpuLimit"]
        assert resources["resourceMemoryLimit"]
        assert ("accelerator" in resources) == (stage_of(executor) in GPU_STAGES)


def test_what_asks_for_a_gpu_is_put_where_there_is_one_with_shared_memory(
    compiled: Compiled,
) -> None:
    specification, platform = compiled
    for name, executor in executors(specification).items():
        settings, on_gpu = platform[name], stage_of(executor) in GPU_STAGES
        assert "nodeSelector" not in settings
        assert ("tolerations" in settings) == on_gpu
        mounts = [mount["mountPath"] for mount in settings.get("emptyDirMounts", [])]
        assert ("/dev/shm" in mounts) == on_gpu


def test_nodes_with_gpus_can_be_named_by_a_label(furnished: Compiled) -> None:
    specification, platform = furnished
    for name, executor in executors(specification).items():
        selector = platform[name].get("nodeSelector", {}).get("labels")
        assert selector == ({"pool": "gpu"} if stage_of(executor) in GPU_STAGES else None)


def test_without_gpus_nothing_asks_for_one(modest: Compiled) -> None:
    specification, platform = modest
    for name, executor in executors(specification).items():
        assert "accelerator" not in executor["container"]["resources"]
        assert "tolerations" not in platform[name]


def test_the_number_of_gpus_is_compiled_in(furnished: Compiled) -> None:
    for executor in executors(furnished[0]).values():
        asked = executor["container"]["resources"].get("accelerator", {})
        assert asked.get("type") == ("nvidia.com/gpu" if stage_of(executor) in GPU_STAGES else None)
        # A training asks for what open_run makes of the number.
        if stage_of(executor) not in ON_NODES:
            assert asked.get("count") == ("2" if asked else None)
    opened = tasks(furnished[0])["open-run"]["inputs"]["parameters"]
    for name in ("gpus", "visual_task_gpus"):
        assert opened[name] == {"runtimeValue": {"constant": 2}}


def test_a_training_knows_what_each_of_its_nodes_would_have(furnished: Compiled) -> None:
    for executor in executors(furnished[0]).values():
        env = {one["name"]: one["value"] for one in executor["container"].get("env", [])}
        assert env.get(NODE_GPUS) == ("2" if stage_of(executor) in ON_NODES else None)


def test_a_small_pipeline_runs_on_two_cpus_without_gpu_volume_or_selector(small: Compiled) -> None:
    specification, platform = small
    for name, executor in executors(specification).items():
        resources = executor["container"]["resources"]
        assert resources["resourceCpuRequest"] == "200m"
        assert resources["resourceMemoryRequest"] in ("1Gi", "2Gi")
        assert resources["resourceMemoryLimit"] == resources["resourceMemoryRequest"]
        assert "accelerator" not in resources
        volumes = {"nodeSelector", "tolerations", "emptyDirMounts", "genericEphemeralVolume"}
        assert not volumes & set(platform[name])


def test_libraries_start_no_more_threads_than_are_the_pods_own(
    compiled: Compiled, small: Compiled
) -> None:
    for executor in executors(compiled[0]).values():
        cpu = executor["container"]["resources"]["resourceCpuRequest"]
        assert environment(executor)["OMP_NUM_THREADS"] == cpu
    for executor in executors(small[0]).values():
        assert environment(executor)["OMP_NUM_THREADS"] == "1"


def test_temporary_files_lie_on_the_scratch_volume_where_there_is_one(compiled: Compiled) -> None:
    specification, platform = compiled
    for name, executor in executors(specification).items():
        size = SIZES["paper"][stage_of(executor)].scratch
        volumes = platform[name].get("genericEphemeralVolume", [])
        assert [volume["size"] for volume in volumes] == ([size] if size else [])
        assert [volume["mountPath"] for volume in volumes] == (["/scratch"] if size else [])
        assert environment(executor).get("TMPDIR") == ("/scratch" if size else None)
        promised = environment(executor).get("DEVISE_SCRATCH_BYTES")
        assert promised == (str(int(size[:-2]) * 2**30) if size else None)
        cached = environment(executor).get("DEVISE_CACHE_BYTES")
        assert cached == (str(int(promised) * 3 // 4) if promised else None)
        assert all(volume["defaultStorageClass"] for volume in volumes)


def test_a_storage_class_of_scratch_volumes_can_be_named(furnished: Compiled) -> None:
    (volume,) = furnished[1]["exec-train-devise"]["genericEphemeralVolume"]
    assert volume["storageClassName"] == "fast"
    assert not volume.get("defaultStorageClass")


def test_scratch_can_lie_on_the_nodes_own_disk(modest: Compiled) -> None:
    settings = modest[1]["exec-rank-images"]
    assert "genericEphemeralVolume" not in settings
    (mount,) = settings["emptyDirMounts"]
    assert mount["mountPath"] == "/scratch"
    assert mount["sizeLimit"] == SIZES["paper"]["rank_images"].scratch
    assert "medium" not in mount


def test_nodes_log_in_to_the_registry_with_the_secret_named(
    compiled: Compiled, furnished: Compiled
) -> None:
    for settings in furnished[1].values():
        (secret,) = settings["imagePullSecret"]
        assert secret["secretName"] == "mine"
    assert not any("imagePullSecret" in settings for settings in compiled[1].values())


def test_a_stage_knows_the_commit_and_the_code_that_it_was_compiled_from(
    compiled: Compiled,
) -> None:
    for executor in executors(compiled[0]).values():
        given = environment(executor)
        assert given["DEVISE_GIT_COMMIT"] == git_commit()
        assert given["DEVISE_CODE_VERSION"] == code_version(stage_of(executor))


def test_secrets_come_by_reference_and_never_as_values(compiled: Compiled) -> None:
    specification, platform = compiled
    for settings in platform.values():
        (secret,) = settings["secretAsEnv"]
        assert {e["envVar"]: e["secretKey"] for e in secret["keyToEnv"]} == {
            "AWS_ACCESS_KEY_ID": "accesskey",
            "AWS_SECRET_ACCESS_KEY": "secretkey",
            "AWS_SESSION_TOKEN": "sessiontoken",
            "AWS_REGION": "region",
        }
        assert secret["optional"]
    for executor in executors(specification).values():
        names = {item["name"] for item in executor["container"]["env"]}
        assert not {name for name in names if "SECRET" in name or "PASSWORD" in name}


def test_what_opens_the_mlflow_server_comes_from_a_secret_that_may_lack_keys(
    furnished: Compiled,
) -> None:
    for settings in furnished[1].values():
        _, secret = settings["secretAsEnv"]
        assert secret["secretName"] == "mlflow-login"
        assert secret["optional"] is True
        assert {e["secretKey"]: e["envVar"] for e in secret["keyToEnv"]} == {
            "username": "MLFLOW_TRACKING_USERNAME",
            "password": "MLFLOW_TRACKING_PASSWORD",
            "token": "MLFLOW_TRACKING_TOKEN",
        }


def test_containers_run_as_nobody_special_and_know_their_run(compiled: Compiled) -> None:
    for settings in compiled[1].values():
        assert settings["securityContext"]["runAsNonRoot"]
        fields = {item["name"]: item["fieldPath"] for item in settings["fieldPathAsEnv"]}
        assert fields["KFP_RUN_ID"] == "metadata.labels['pipeline/runid']"
        assert int(settings["activeDeadlineSeconds"]) > 0


def test_stages_with_effects_outside_are_never_cached(compiled: Compiled) -> None:
    found = list(stage_tasks(compiled[0]))
    assert {stage for stage, _ in found} == set(STAGES)
    uncached = {stage for stage, task in found if not is_cached(task)}
    assert uncached == {"open_run", "register_model"}


def test_without_the_cache_every_task_is_done_again_also_nested_ones(small: Compiled) -> None:
    found = list(stage_tasks(small[0]))
    assert {"prepare_corpus", "train_skipgram", "train_devise"} <= {stage for stage, _ in found}
    assert not any(is_cached(task) for _, task in found)


def test_one_stage_can_be_done_again(furnished: Compiled) -> None:
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


def configured(configure: Any) -> Any:
    """A pipeline of one task."""

    def alone() -> None:
        configure(prepare_taxonomy(settings={}, code_version=""), "prepare_taxonomy")

    return dsl.pipeline(name="alone")(alone)


def container(pipeline: Any) -> dict[str, Any]:
    (executor,) = pipeline.pipeline_spec.deployment_spec["executors"].values()
    return dict(executor["container"])


def variables(pipeline: Any) -> dict[str, str]:
    return {item["name"]: item["value"] for item in container(pipeline).get("env", [])}


def test_a_task_is_told_where_object_store_and_mlflow_are() -> None:
    cluster = Cluster(mlflow_tracking_uri="http://m:1", s3_endpoint="http://s:2")
    found = variables(configured(on_cluster(cluster)))
    assert (found["AWS_ENDPOINT_URL"], found["MLFLOW_TRACKING_URI"]) == ("http://s:2", "http://m:1")


def test_without_an_mlflow_server_none_is_named() -> None:
    found = variables(configured(on_cluster(Cluster(mlflow_tracking_uri=""))))
    assert "MLFLOW_TRACKING_URI" not in found


def test_a_task_that_runs_here_has_its_image_and_nothing_else() -> None:
    pipeline = configured(on_this_machine("ghcr.io/team", "1.0"))
    assert container(pipeline)["image"] == "ghcr.io/team/devise-prepare-taxonomy:1.0"
    assert "resources" not in container(pipeline)
    assert variables(pipeline) == {}
