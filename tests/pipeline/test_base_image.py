import pytest
from support.docker_engine import engine_with

from pipeline.base_image import BaseImage, find_base_image
from pipeline.images import engine

DIGEST, OTHER = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


@pytest.mark.parametrize(
    ("name", "here", "registry", "reference", "digest"),
    [
        ("python:3.11-slim", {}, {"python:3.11-slim": DIGEST}, f"python@{DIGEST}", DIGEST),
        (
            "python:3.11-slim",
            {"python:3.11-slim": {"Id": OTHER, "RepoDigests": [f"python@{DIGEST}"]}},
            {"python:3.11-slim": OTHER},
            f"python@{DIGEST}",
            DIGEST,
        ),
        ("reg:5000/py", {}, {"reg:5000/py": DIGEST}, f"reg:5000/py@{DIGEST}", DIGEST),
        (
            "local/python:3.11",
            {"local/python:3.11": {"Id": OTHER, "RepoDigests": []}},
            {},
            "local/python:3.11",
            OTHER,
        ),
        (f"python@{DIGEST}", {}, {}, f"python@{DIGEST}", DIGEST),
    ],
    ids=["of a registry", "pulled before", "a registry with a port", "made here", "by digest"],
)
def test_an_image_is_built_on_by_its_digest(
    name: str,
    here: dict[str, dict[str, object]],
    registry: dict[str, str],
    reference: str,
    digest: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with engine_with(monkeypatch, here, registry), engine() as client:
        assert find_base_image(client, name) == BaseImage(name, reference, digest)


def test_an_image_that_nobody_has_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    here = "GET /v1.44/images/pyhton:3/json"
    with engine_with(monkeypatch, {}, {}) as server, engine() as client:
        server.answers[here] = 404, {"message": "No such image: pyhton:3"}
        there = "GET /v1.44/distribution/pyhton:3/json"
        server.answers[there] = 404, {"message": "manifest unknown"}
        with pytest.raises(ValueError, match="--base-image pyhton:3 is neither on this machine"):
            find_base_image(client, "pyhton:3")


def test_images_say_what_they_build_on() -> None:
    assert BaseImage("python:3.11-slim", f"python@{DIGEST}", DIGEST).labels == {
        "org.opencontainers.image.base.name": "python:3.11-slim",
        "org.opencontainers.image.base.digest": DIGEST,
    }
