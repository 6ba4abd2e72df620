from itertools import pairwise
from pathlib import Path

import pytest
from support.docker_engine import docker_command, engine_with

from components.shared.execution.code_version import code_version
from pipeline.cluster.sizes import STAGES
from pipeline.images import ALL, build_images

DIGEST = f"sha256:{'a' * 64}"


def test_there_is_an_image_for_every_stage_of_the_graph() -> None:
    assert (*STAGES, "mlflow_server") == ALL


def asked(noted: Path) -> list[str]:
    """What the docker command was given."""
    return noted.read_text().splitlines()


def values(arguments: list[str], option: str) -> list[str]:
    """Values of an option that is given several times."""
    return [after for one, after in pairwise(arguments) if one == option]


def test_an_image_is_built_by_its_recipe_on_a_digest_and_says_what_it_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    noted = docker_command(tmp_path, monkeypatch, "echo '#7 DONE'")
    with engine_with(monkeypatch, {}, {"python:3.11-slim": DIGEST}):
        names = build_images("python:3.11-slim", tag="1.0", stages=["map_synsets"])
    arguments = asked(noted)
    assert names == ["devise-map-synsets:1.0"]
    assert arguments[:3] == ["buildx", "build", "--load"]
    assert values(arguments, "--tag") == names
    assert values(arguments, "--file") == ["docker/Dockerfile"]
    assert values(arguments, "--target") == ["map-synsets"]
    assert f"BASE_IMAGE=python@{DIGEST}" in values(arguments, "--build-arg")
    assert values(arguments, "--label") == [
        f"devise.code={code_version('map_synsets')}",
        "org.opencontainers.image.base.name=python:3.11-slim",
        f"org.opencontainers.image.base.digest={DIGEST}",
    ]
    assert f"building on python:3.11-slim, {DIGEST}" in capsys.readouterr().out


def test_the_package_index_of_this_machine_is_a_secret_of_the_build(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:token@pypi.example.com/simple")
    monkeypatch.setenv("HTTP_PROXY", "http://user:word@proxy.example.com")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    seen = tmp_path / "seen"
    line = f'for one in "$@"; do case $one in id=pip,src=*) cp "${{one#*src=}}" {seen};; esac; done'
    noted = docker_command(tmp_path, monkeypatch, line)
    with engine_with(monkeypatch, {}, {"python:3.11-slim": DIGEST}):
        build_images("python:3.11-slim", tag="1.0", stages=["mlflow_server"])
    assert "user:token@pypi.example.com" in seen.read_text()
    assert not any("token" in one or "word" in one for one in asked(noted))
    assert "HTTP_PROXY" in values(asked(noted), "--build-arg")
    assert values(asked(noted), "--file") == ["docker/mlflow.Dockerfile"]


def test_a_build_that_fails_is_named_with_its_last_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    docker_command(tmp_path, monkeypatch, "echo 'ERROR: no space left' >&2", "exit 1")
    with (
        engine_with(monkeypatch, {}, {"python:3.11-slim": DIGEST}),
        pytest.raises(ValueError, match=r"devise-open-run:1.0 failed .*: ERROR: no space left"),
    ):
        build_images("python:3.11-slim", tag="1.0", stages=["open_run"])


def test_without_the_docker_command_the_error_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        engine_with(monkeypatch, {}, {"python:3.11-slim": DIGEST}),
        pytest.raises(ValueError, match="there is no docker command"),
    ):
        build_images("python:3.11-slim", tag="1.0", stages=["open_run"])


def test_a_push_without_a_registry_is_refused() -> None:
    with pytest.raises(ValueError, match="name one with --registry"):
        build_images("python:3.11-slim", push=True)


def test_an_unknown_stage_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="stage named train_word2vec"):
        build_images("python:3.11-slim", stages=["train_word2vec"])


def test_without_an_engine_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(ValueError, match="no Docker engine answers"):
        build_images("python:3.11-slim", stages=["open_run"])
