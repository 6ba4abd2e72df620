import pytest

from pipeline.cluster.sizes import STAGES
from pipeline.images import ALL, build_arguments, build_images


def test_there_is_an_image_for_every_stage_of_the_graph() -> None:
    assert (*STAGES, "mlflow_server") == ALL


def test_the_package_index_of_this_machine_reaches_the_build() -> None:
    given = {"PIP_INDEX_URL": "https://pypi.example.com", "HTTP_PROXY": "", "HOME": "/root"}
    assert build_arguments("", given) == {"PIP_INDEX_URL": "https://pypi.example.com"}
    assert build_arguments("local/python", {}) == {"BASE_IMAGE": "local/python"}


def test_a_push_without_a_registry_is_refused() -> None:
    with pytest.raises(ValueError, match="name one with --registry"):
        build_images(push=True)


def test_an_unknown_stage_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="stage named train_word2vec"):
        build_images(stages=["train_word2vec"])


def test_without_an_engine_the_error_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(ValueError, match="no Docker engine answers"):
        build_images(stages=["open_run"])
