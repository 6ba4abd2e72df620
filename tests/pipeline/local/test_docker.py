import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from kfp.local import docker_task_handler

from components.shared.settings.parameter import Value
from components.shared.settings.table import defaults
from pipeline.local.docker import (
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
