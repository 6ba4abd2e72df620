from pathlib import Path
from typing import Any

from kfp import dsl
from support.compiled import Compiled, executors, stage_of, tasks

from components.prepare_taxonomy.component import prepare_taxonomy
from components.shared.execution.stage import image_repository
from pipeline.cluster.resources import (
    STAGES,
    Cluster,
    Resources,
    image_name,
    on_cluster,
    on_this_machine,
)

GPU_STAGES = {stage for stage, wanted in STAGES.items() if wanted.gpus}


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


def test_gpu_stages_are_placed_on_gpu_nodes_with_shared_memory(compiled: Compiled) -> None:
    specification, platform = compiled
    for name, executor in executors(specification).items():
        settings = platform[name]
        placed = "nodeSelector" in settings and "tolerations" in settings
        assert placed == (stage_of(executor) in GPU_STAGES)
        mounts = [mount["mountPath"] for mount in settings.get("emptyDirMounts", [])]
        assert ("/dev/shm" in mounts) == placed


def test_secrets_come_by_reference_and_never_as_values(compiled: Compiled) -> None:
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


def test_containers_run_as_nobody_special_and_know_their_run(compiled: Compiled) -> None:
    for settings in compiled[1].values():
        assert settings["securityContext"]["runAsNonRoot"]
        fields = {item["name"]: item["fieldPath"] for item in settings["fieldPathAsEnv"]}
        assert fields["KFP_RUN_ID"] == "metadata.labels['pipeline/runid']"
        assert int(settings["activeDeadlineSeconds"]) > 0


def test_stages_with_effects_outside_are_never_cached(compiled: Compiled) -> None:
    cached = {
        name: task.get("cachingOptions", {}).get("enableCache", False)
        for name, task in tasks(compiled[0]).items()
        if name.replace("-", "_").removesuffix("_2") in STAGES
    }
    assert not cached["open-run"]
    assert not cached["register-model"]
    assert cached["train-skipgram"]


def test_tasks_are_tried_again(compiled: Compiled) -> None:
    found = tasks(compiled[0])
    assert found["train-devise"]["retryPolicy"]["maxRetryCount"] == 5


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
    assert variables(configured(on_cluster(cluster))) == {
        "AWS_ENDPOINT_URL": "http://s:2",
        "MLFLOW_TRACKING_URI": "http://m:1",
    }


def test_without_an_mlflow_server_none_is_named() -> None:
    found = variables(configured(on_cluster(Cluster(mlflow_tracking_uri=""))))
    assert set(found) == {"AWS_ENDPOINT_URL"}


def test_a_task_that_runs_here_has_its_image_and_nothing_else() -> None:
    pipeline = configured(on_this_machine("ghcr.io/team", "1.0"))
    assert container(pipeline)["image"] == "ghcr.io/team/devise-prepare-taxonomy:1.0"
    assert "resources" not in container(pipeline)
    assert variables(pipeline) == {}


def test_a_stage_of_no_special_needs_has_the_defaults() -> None:
    assert Resources() == Resources("1", "4Gi", 0, 6, 2, True)
    assert STAGES["prepare_taxonomy"] == Resources(hours=1)


def test_an_images_name_is_made_of_registry_stage_and_tag() -> None:
    assert image_name("open_run", "", "latest") == f"{image_repository('open_run')}:latest"
    assert image_name("open_run", "ghcr.io/team/", "1.0") == "ghcr.io/team/devise-open-run:1.0"
