"""`install.py`, with packages, an index and GPUs of the test's own."""

import hashlib
import http.server
import json
import os
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from install import FITTING, OWN, check_python, cpu_index, is_whole, made_from, may_stay, python_of

PROJECT = Path(__file__).resolve().parents[1]
BACKEND = """
import zipfile
def build_editable(folder, settings=None, metadata=None):
    with zipfile.ZipFile(f"{folder}/tiny-1-py3-none-any.whl", "w") as wheel:
        for name in ("METADATA", "WHEEL", "RECORD"):
            wheel.writestr(f"tiny-1.dist-info/{name}", open(f"backend/{name}").read())
    return "tiny-1-py3-none-any.whl"
"""


def wheel(folder: Path, name: str, version: str) -> str:
    """Write a wheel with one module and return the lock's entry of it."""
    file = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(f"{name}.py", f"VERSION = {version!r}\n")
        archive.writestr(f"{info}/METADATA", metadata(name, version))
        archive.writestr(f"{info}/WHEEL", WHEEL)
        archive.writestr(f"{info}/RECORD", "")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f"{name.replace('_', '-')}=={version} \\\n    --hash=sha256:{digest}\n"


def metadata(name: str, version: str) -> str:
    return f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"


WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose packages lie beside it; nothing is fetched but from the test's own index."""
    packages = tmp_path / "packages"
    project = tmp_path / "project"
    for folder in (packages, project / "backend"):
        folder.mkdir(parents=True)
    names = ("setuptools", "torch", "torchvision", "nvidia_cublas", "triton", "mpmath")
    (project / "locked.txt").write_text("".join(wheel(packages, name, "2.1") for name in names))
    for name, text in (("METADATA", metadata("tiny", "1")), ("WHEEL", WHEEL), ("RECORD", "")):
        (project / "backend" / name).write_text(text)
    (project / "backend" / "own.py").write_text(BACKEND)
    point(project, "http://127.0.0.1:9")
    monkeypatch.setenv("UV_NO_INDEX", "1")
    monkeypatch.setenv("UV_FIND_LINKS", str(packages))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{tools(tmp_path)}{os.pathsep}{os.environ['PATH']}")
    return project


def tools(folder: Path) -> Path:
    """A folder for PATH with the uv of this environment alone, not its Python."""
    found = folder / "tools"
    found.mkdir()
    uv = shutil.which("uv", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert uv
    (found / "uv").symlink_to(uv)
    return found


def point(project: Path, address: str) -> None:
    """Have the project name an index of builds for CPUs."""
    (project / "pyproject.toml").write_text(
        '[build-system]\nrequires = []\nbuild-backend = "own"\nbackend-path = ["backend"]\n'
        '[project]\nname = "tiny"\nversion = "1"\n'
        f'[[tool.uv.index]]\nname = "pytorch-cpu"\nurl = "{address}"\nexplicit = true\n'
    )


@contextmanager
def index_for_cpus(folder: Path) -> Iterator[str]:
    """An index with builds of torch for CPUs, on a port of this machine."""
    for name in ("torch", "torchvision"):
        (folder / name).mkdir(parents=True)
        wheel(folder / name, name, "2.1+cpu")
        (folder / name / "index.html").write_text(
            f'<a href="{name}-2.1%2Bcpu-py3-none-any.whl">{name}-2.1+cpu-py3-none-any.whl</a>'
        )
    handler = partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def install(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(PROJECT / "install.py"), "--project", str(project), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def installed(project: Path) -> dict[str, str]:
    """Packages of a project's environment, without what pip itself is."""
    listed = subprocess.run(
        [project / ".venv" / "bin" / "python", "-m", "pip", "list", "--format", "json"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = {one["name"]: one["version"] for one in json.loads(listed.stdout)}
    return {name: version for name, version in found.items() if name != "pip"}


def write_script(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)


def test_without_a_gpu_torch_is_that_for_cpus_and_nothing_of_cuda_is_installed(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("UV_NO_INDEX")
    # What a first try has left is made anew.
    write_script(tiny / ".venv" / "bin" / "python", "exit 1")
    (tiny / ".venv" / "of-the-first-try").touch()
    with index_for_cpus(tmp_path / "cpu") as address:
        point(tiny, address)
        done = install(tiny)
    assert done.returncode == 0, done.stderr
    assert f"no GPU here: taking builds of torch for CPUs, from {address}\n" in done.stderr
    cpu = {"torch": "2.1+cpu", "torchvision": "2.1+cpu"}
    assert installed(tiny) == {**cpu, "mpmath": "2.1", "setuptools": "2.1", "tiny": "1"}
    assert not (tiny / ".venv" / "of-the-first-try").exists()
    assert install(tiny).stderr == ""


def test_where_the_index_is_out_of_reach_torch_is_that_of_the_lock(
    tiny: Path, tmp_path: Path
) -> None:
    shutil.move(tmp_path / "packages" / "mpmath-2.1-py3-none-any.whl", tmp_path)
    failed = install(tiny)
    assert failed.returncode == 1
    assert "mpmath" in failed.stderr
    assert "error: installing failed, as said above; make install goes on" in failed.stderr
    shutil.move(tmp_path / "mpmath-2.1-py3-none-any.whl", tmp_path / "packages")
    again = install(tiny)
    assert "making .venv" not in again.stderr
    assert "http://127.0.0.1:9 cannot be used ([Errno 111] Connection refused)" in again.stderr
    assert {"torch", "mpmath", "nvidia_cublas", "triton"} <= set(installed(tiny))


def test_with_a_gpu_the_locked_files_alone_are_taken_from_where_pip_looks(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_script(tmp_path / "tools" / "nvidia-smi", "echo GPU 0: NVIDIA H100")
    monkeypatch.setenv("PIP_FIND_LINKS", os.environ["UV_FIND_LINKS"])
    monkeypatch.delenv("UV_FIND_LINKS")
    done = install(tiny)
    assert "an NVIDIA GPU is here: taking PyPI's torch, with CUDA\n" in done.stderr
    assert installed(tiny)["torch"] == "2.1"
    entries = (tiny / "locked.txt").read_text().replace("==2.1 ", "==2.2 ")
    (tiny / "locked.txt").write_text(entries)
    for name in ("setuptools", "torch", "torchvision", "nvidia_cublas", "triton", "mpmath"):
        wheel(tmp_path / "packages", name, "2.2")
    refused = install(tiny)
    assert refused.returncode == 1
    assert "Hash mismatch" in refused.stderr


@pytest.mark.parametrize(
    ("answer", "found"), [("exit 127", ""), ("exit 1", ""), ("echo 3.12", "3.12")]
)
def test_an_environments_python_is_asked_for_its_version_and_for_pip(
    tmp_path: Path, answer: str, found: str
) -> None:
    write_script(tmp_path / "bin" / "python", answer)
    assert python_of(tmp_path) == found


def test_an_environment_keeps_its_python_where_no_other_is_named_and_it_fits() -> None:
    (other, *_) = (python for python in FITTING if python != OWN)
    assert [may_stay(python, True) for python in (OWN, other, "3.9", "")] == [1, 1, 0, 0]
    assert [may_stay(python, False) for python in (OWN, other, "3.9", "")] == [1, 0, 0, 0]


def test_an_environment_without_a_python_has_none(tmp_path: Path) -> None:
    assert python_of(tmp_path) == ""


def test_a_whole_environment_of_another_python_is_left_where_any_will_do(tiny: Path) -> None:
    environment = tiny / ".venv"
    write_script(environment / "bin" / "python", "exit 0")
    assert not is_whole(environment, tiny, any_python=True)
    (environment / ".installed").write_text(json.dumps(made_from(tiny, "3.9")))
    assert is_whole(environment, tiny, any_python=True)
    assert not is_whole(environment, tiny, any_python=False)
    (tiny / "locked.txt").write_text("# another\n")
    assert not is_whole(environment, tiny, any_python=True)


@pytest.mark.parametrize("version", ["3.10", "3.14"])
def test_a_python_that_does_not_fit_is_refused(version: str) -> None:
    with pytest.raises(ValueError, match=r"is Python 3\.1\d, and 3\.11, 3\.12 or 3\.13 is needed"):
        check_python(version)


def test_the_project_declares_the_same_pythons_and_an_index_for_cpus() -> None:
    declared = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    allowed = SpecifierSet(declared["project"]["requires-python"])
    assert [f"3.{minor}" for minor in range(20) if f"3.{minor}" in allowed] == [*FITTING]
    assert cpu_index(PROJECT).startswith("https://")
