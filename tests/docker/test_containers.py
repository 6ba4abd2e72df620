import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from kfp import dsl, local

from components.shared.execution.code_version import code_version
from pipeline.base_image import DIGEST_LABEL
from pipeline.images import CODE_LABEL, SBOM, build_images, check_images
from pipeline.local.docker import docker_runner, kept_exit_codes, remove_leftovers, run_container

pytestmark = pytest.mark.docker


@pytest.fixture
def run(docker_engine: Any, python_image: str) -> Callable[..., int]:
    def go(*command: str, **arguments: Any) -> int:
        return run_container(docker_engine, python_image, [*command], {}, **arguments)

    return go


def test_a_command_that_fails_at_once_is_never_taken_for_a_success(run: Callable[..., int]) -> None:
    assert [run("sh", "-c", "exit 3", network_mode="host") for _ in range(5)] == [3] * 5
    assert run("true") == 0


def test_output_is_streamed_and_the_container_is_gone(
    run: Callable[..., int], docker_engine: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    label = {"devise.test": "streamed"}
    assert run("python3", "-c", "print('grüße')", labels=label) == 0
    assert capsys.readouterr().out == "grüße\n"
    assert not docker_engine.containers.list(all=True, filters={"label": "devise.test=streamed"})


def test_a_missing_image_is_named_with_the_command_that_makes_it(docker_engine: Any) -> None:
    with pytest.raises(ValueError, match=r"devise-nothing:latest.*python pipeline.py images"):
        run_container(docker_engine, "devise-nothing:latest", ["true"], {})


def test_containers_of_a_killed_run_are_removed(docker_engine: Any, python_image: str) -> None:
    docker_engine.containers.run(
        python_image, ["sleep", "60"], detach=True, labels={"devise.run": "killed"}
    )
    assert remove_leftovers(docker_engine, "killed") == 1
    assert remove_leftovers(docker_engine, "killed") == 0


@pytest.fixture(scope="session")
def open_run_image(docker_engine: Any, python_image: str) -> str:
    """The image of open_run, of the code as it is now; skips where its layers are not cached."""
    if not python_image.startswith("devise-open-run:"):
        pytest.skip("the images are not built: python pipeline.py images")
    base = "local/python:3.11"
    have = any(base in image.tags for image in docker_engine.images.list())
    return build_images(base if have else "python:3.11-slim", tag="test", stages=["open_run"])[0]


def test_an_image_says_which_code_it_holds(docker_engine: Any, open_run_image: str) -> None:
    assert docker_engine.images.get(open_run_image).labels[CODE_LABEL] == code_version("open_run")


def test_an_image_says_what_it_builds_on_and_lists_its_packages(
    docker_engine: Any, open_run_image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = docker_engine.images.get(open_run_image).labels
    assert labels[DIGEST_LABEL].startswith("sha256:")
    assert run_container(docker_engine, open_run_image, ["cat", SBOM], {}) == 0
    listed = json.loads(capsys.readouterr().out)["installed"]
    assert "kfp" in {package["metadata"]["name"] for package in listed}


def test_missing_images_are_refused_before_a_run(docker_engine: Any) -> None:
    with pytest.raises(ValueError, match=r"devise-open-run:absent is not on this machine; build"):
        check_images(docker_engine, tag="absent")


def test_an_image_of_other_code_is_refused_before_a_run(
    docker_engine: Any, open_run_image: str
) -> None:
    dockerfile = f"FROM {open_run_image}\nLABEL {CODE_LABEL}=other\n"
    docker_engine.images.build(fileobj=io.BytesIO(dockerfile.encode()), tag="devise-open-run:other")
    try:
        with pytest.raises(ValueError, match="devise-open-run:other holds other code"):
            check_images(docker_engine, tag="other")
    finally:
        docker_engine.images.remove("devise-open-run:other")


def test_an_image_holds_one_stage_no_torch_and_no_root(
    docker_engine: Any, open_run_image: str, capsys: pytest.CaptureFixture[str]
) -> None:
    look = (
        "import importlib.util as u, os; "
        "print(sorted(n for n in os.listdir('/app/components') if n[0] != '_'), "
        "u.find_spec('torch'), os.getuid(), u.find_spec('kfp') is not None)"
    )
    assert run_container(docker_engine, open_run_image, ["python3", "-c", look], {}) == 0
    assert capsys.readouterr().out == "['open_run', 'shared'] None 1000 True\n"


def test_a_task_writes_files_that_belong_to_the_caller_and_its_failure_is_seen(
    open_run_image: str, tmp_path: Path
) -> None:
    @dsl.component(base_image=open_run_image, install_kfp_package=False)  # type: ignore[untyped-decorator]  # KFP has no types
    def note(folder: str, fail: bool) -> str:
        import os
        from pathlib import Path

        from components.shared.execution.progress import say

        say("noting")
        (Path(folder) / "note.txt").write_text(os.environ["GREETING"])
        if fail:
            raise ValueError("as asked")
        return os.environ["GREETING"]

    shared = tmp_path / "shared"
    shared.mkdir()
    runner = docker_runner([shared], {"GREETING": "hello"})
    local.init(runner, pipeline_root=str(tmp_path / "root"), raise_on_error=True)
    with kept_exit_codes():
        assert note(folder=str(shared), fail=False).output == "hello"
        with pytest.raises(RuntimeError):
            note(folder=str(shared), fail=True)
    written = (shared / "note.txt").stat()
    assert (written.st_uid, written.st_gid) == (os.getuid(), os.getgid())
