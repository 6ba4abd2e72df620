import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from kfp.local import docker_task_handler
from support.docker_engine import API, engine_with
from support.kubeflow import Server

from components.shared.execution.code_version import code_version
from components.shared.settings.parameter import Value
from components.shared.settings.table import defaults
from pipeline.cluster.sizes import STAGES
from pipeline.image_names import image_name
from pipeline.images import CODE_LABEL
from pipeline.local.docker import (
    LABEL,
    containers,
    docker_runner,
    kept_exit_codes,
    local_paths,
    mounted,
    run_container,
)
from pipeline.local.run_id import set_run_id
from pipeline.local.runner import stage_environment


def values(folder: Path, **more: Value) -> Mapping[str, Value]:
    written = {
        "checkpoints_uri": str(folder / "out" / "checkpoints"),
        "images_store_uri": "s3://devise/shards",
    }
    return {**defaults(), **written, **more}


def test_mounts_keep_their_own_paths(tmp_path: Path) -> None:
    runner = docker_runner([tmp_path], {"A": "1"})
    mount = runner.container_run_args["mounts"][0]
    assert (mount["Source"], mount["Target"], mount["Type"]) == (str(tmp_path),) * 2 + ("bind",)
    assert runner.container_run_args["environment"] == {"A": "1"}


def test_a_folder_inside_another_is_mounted_once(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    runner = docker_runner([inner, tmp_path, inner], {})
    assert [mount["Source"] for mount in runner.container_run_args["mounts"]] == [str(tmp_path)]


def test_a_missing_mount_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="absent cannot be mounted"):
        docker_runner([tmp_path / "absent"], {})


def test_containers_run_as_the_caller(tmp_path: Path) -> None:
    user = docker_runner([tmp_path], {}).container_run_args["user"]
    assert user == f"{os.getuid()}:{os.getgid()}"
    assert docker_runner([], {}, user="7:8").container_run_args["user"] == "7:8"


def test_gpus_are_asked_for_only_where_wanted(tmp_path: Path) -> None:
    assert "device_requests" not in docker_runner([], {}).container_run_args
    request = docker_runner([], {}, gpus=-1).container_run_args["device_requests"][0]
    assert (request["Count"], request["Capabilities"]) == (-1, [["gpu"]])


def test_kfps_function_is_replaced_and_put_back() -> None:
    original = docker_task_handler.run_docker_container
    with kept_exit_codes():
        assert docker_task_handler.run_docker_container is run_container
    assert docker_task_handler.run_docker_container is original


def test_local_addresses_are_found_and_folders_to_write_are_made(tmp_path: Path) -> None:
    given = values(
        tmp_path,
        taxonomy_uri=str(tmp_path / "taxonomy"),
        images_uri="s3://devise/images",
        corpus_uris=[str(tmp_path / "text" / "A*" / "*.bz2"), "s3://devise/text"],
        evaluate_zero_shot_sets=["unseen", f"mine={tmp_path}/sets/mine.txt"],
    )
    assert local_paths(given) == [
        tmp_path / "out" / "checkpoints",
        tmp_path / "taxonomy",
        tmp_path / "text",
        tmp_path / "sets" / "mine.txt",
    ]
    assert (tmp_path / "out" / "checkpoints").is_dir()


def test_all_that_stages_read_and_write_here_is_mounted(tmp_path: Path) -> None:
    environment = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/mlflow/mlflow.db",
        "DEVISE_CACHE": f"{tmp_path}/copies/of/shards",
    }
    output, values = tmp_path / "run", {**defaults(), "images_uri": f"{tmp_path}/images"}
    found = mounted(values, output, environment)
    places = ("run", "images", "mlflow", "copies/of/shards")
    assert {tmp_path / place for place in places} <= set(found)
    assert (tmp_path / "copies" / "of" / "shards").is_dir()
    assert not {path for path in mounted(values, output, {}) if path.name == "shards"}


def test_containers_have_no_rights_and_write_only_to_what_is_mounted(tmp_path: Path) -> None:
    arguments = docker_runner([tmp_path], {}).container_run_args
    assert arguments["cap_drop"] == ["ALL"]
    assert arguments["security_opt"] == ["no-new-privileges:true"]
    assert arguments["read_only"] is True
    assert list(arguments["tmpfs"]) == ["/tmp"]


def test_the_memory_of_containers_is_limited_where_a_limit_is_given() -> None:
    assert "mem_limit" not in docker_runner([], {}).container_run_args
    assert docker_runner([], {}, memory=1 << 30).container_run_args["mem_limit"] == 1 << 30


def test_what_opens_mlflow_is_handed_over_by_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "me")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hunter2")
    set_run_id(tmp_path, {})
    given = stage_environment(tmp_path, tmp_path / "root", tmp_path)
    environment = docker_runner([], given).container_run_args["environment"]
    assert environment["MLFLOW_TRACKING_USERNAME"] == "me"
    assert environment["MLFLOW_TRACKING_PASSWORD"] == "hunter2"


TAG = "1.0"
LISTED = f"GET /v{API}/containers/json"


def image(stage: str) -> dict[str, Any]:
    """As the engine describes a stage's image that holds this code."""
    return {"Id": f"sha256:{'a' * 64}", "Config": {"Labels": {CODE_LABEL: code_version(stage)}}}


@pytest.fixture
def docker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """An engine without a GPU that has every stage's image."""
    images = {image_name(stage, "", TAG): image(stage) for stage in STAGES}
    with engine_with(monkeypatch, images, {}) as found:
        found.answers[f"GET /v{API}/info"] = {"MemTotal": 1000, "Runtimes": {"runc": {}}}
        # Of a list the server gives one answer a request.
        found.answers[LISTED] = [[]]
        yield found


def given_to_containers(
    folder: Path, root: Path | None = None, *, environment: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """What a run in `folder`/out gives to each of its containers."""
    (folder / "images").mkdir(exist_ok=True)
    given = values(folder, images_uri=str(folder / "images"))
    opened = containers(given, folder / "out", tag=TAG)
    with opened(environment or {}, root or folder / "root") as runner:
        assert docker_task_handler.run_docker_container is run_container
        found: dict[str, Any] = runner.container_run_args
    return found


@pytest.mark.usefixtures("docker")
def test_without_nvidias_runtime_no_gpu_is_asked_for(tmp_path: Path) -> None:
    found = given_to_containers(tmp_path)
    assert "device_requests" not in found
    assert found["mem_limit"] == 900


def test_with_nvidias_runtime_every_gpu_is_given_to_each_task(
    docker: Server, tmp_path: Path
) -> None:
    docker.answers[f"GET /v{API}/info"]["Runtimes"]["nvidia"] = {}
    (request,) = given_to_containers(tmp_path)["device_requests"]
    assert (request["Count"], request["Capabilities"]) == (-1, [["gpu"]])


@pytest.mark.usefixtures("docker")
@pytest.mark.parametrize(
    ("name", "address", "mode"),
    [
        ("MLFLOW_TRACKING_URI", "http://localhost:5000", "host"),
        ("MLFLOW_TRACKING_URI", "https://127.0.0.1:5000/mlflow", "host"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:9000", "host"),
        ("MLFLOW_TRACKING_URI", "http://localhost.example:5000", None),
        ("MLFLOW_TRACKING_URI", "sqlite:///{folder}/mlflow.db", None),
    ],
)
def test_servers_of_this_machine_are_reached_by_its_network(
    tmp_path: Path, name: str, address: str, mode: str | None
) -> None:
    environment = {name: address.format(folder=tmp_path)}
    assert given_to_containers(tmp_path, environment=environment).get("network_mode") == mode


@pytest.mark.usefixtures("docker")
def test_a_run_s_folder_its_data_and_its_database_are_mounted_but_not_kfp_s_root(
    tmp_path: Path,
) -> None:
    (tmp_path / "runs").mkdir()
    environment = {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/runs/mlflow.db"}

    def mounted(root: Path) -> set[Path]:
        mounts = given_to_containers(tmp_path, root, environment=environment)["mounts"]
        return {Path(mount["Source"]) for mount in mounts}

    wanted = {tmp_path / name for name in ("out", "images", "runs")}
    assert mounted(tmp_path / "root") == wanted
    assert mounted(tmp_path / "images") == wanted - {tmp_path / "images"}


def test_containers_that_a_killed_run_of_this_folder_left_are_removed_first(
    docker: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    docker.answers[LISTED] = [[{"Id": "left"}, {"Id": "going"}]]
    for name in ("left", "going"):
        docker.answers[f"GET /v{API}/containers/{name}/json"] = {"Id": name}
    docker.answers[f"DELETE /v{API}/containers/left"] = {}
    docker.answers[f"DELETE /v{API}/containers/going"] = 404, {"message": "No such container"}
    labels = given_to_containers(tmp_path)["labels"]
    (query,) = docker.queries(LISTED)
    own = f"{LABEL}={tmp_path / 'out'}"
    filters = next(part for part in query.split("&") if part.startswith("filters="))
    assert json.loads(filters.removeprefix("filters=")) == {"label": [own]}
    assert labels == {LABEL: str(tmp_path / "out")}
    assert "all=1" in query
    deleted = [path for method, path, _, _ in docker.requests if method == "DELETE"]
    assert [path.partition("?")[0] for path in deleted] == [
        f"/v{API}/containers/{name}" for name in ("left", "going")
    ]
    assert all("force=True" in path for path in deleted)
    assert "removed 2 containers that an earlier run left" in capsys.readouterr().out


def test_images_of_other_code_are_refused_before_any_container_is_touched(
    docker: Server, tmp_path: Path
) -> None:
    name = image_name("evaluate", "", TAG)
    docker.answers[f"GET /v{API}/images/{name}/json"]["Config"]["Labels"][CODE_LABEL] = "other"
    with pytest.raises(ValueError, match=f"image {name} holds other code than this folder"):
        given_to_containers(tmp_path)
    assert docker.queries(LISTED) == []
