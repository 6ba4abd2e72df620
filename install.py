"""Makes the environment .venv with all that the project needs, in the locked versions.

`make install` calls it with the Python that the environment shall have. It runs before anything is
installed and imports the standard library alone. It does nothing where the environment is whole
already, and makes it anew where it is half made or another Python's.
"""

import argparse
import ast
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parent
LOCK = "locked.txt"
MARK = ".installed"
"""In an environment that is whole: what it was made from."""
FITTING = ("3.11", "3.12", "3.13")
OWN = ".".join(str(number) for number in sys.version_info[:2])
"""The Python that runs this."""
BUILDS_OF_TORCH = ("torch", "torchvision")
CUDA = re.compile(r"(nvidia|cuda)-.+|triton")
PATIENCE = 10
"""Seconds for an index to answer in."""
OF_PIP = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "cert": "SSL_CERT_FILE",
}
"""Settings of pip, and the variables in which uv is told the same."""


def main() -> int:
    """Make the environment; return 0 where it is whole, 1 where it could not be made."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--project", type=Path, default=PROJECT, help="Folder of the project.")
    parser.add_argument(
        "--any-python", action="store_true", help="Keep the Python of an environment, if it fits."
    )
    given = parser.parse_args()
    try:
        check_python(OWN)
        install(given.project, given.any_python)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def check_python(version: str) -> None:
    """Refuse a Python that the project does not run on.

    Raises:
        ValueError: The version is too old or too new.
    """
    if version not in FITTING:
        raise ValueError(
            f"{sys.executable} is Python {version}, and {', '.join(FITTING[:-1])} or {FITTING[-1]} "
            f"is needed: name one with make install PYTHON=python{FITTING[0]}."
        )


def install(project: Path, any_python: bool) -> None:
    """Make the environment of a project, or leave it where it is whole.

    Args:
        project: Folder with the lock and pyproject.toml.
        any_python: Whether an environment of another Python that fits keeps it.

    Raises:
        ValueError: It cannot be made.
    """
    environment = project / ".venv"
    if is_whole(environment, project, any_python):
        return
    (environment / MARK).unlink(missing_ok=True)
    python = python_of(environment)
    if not may_stay(python, any_python):
        python = OWN
        _say(f"making .venv with Python {python}")
        _run([sys.executable, "-m", "venv", "--clear", str(environment)], "making .venv")
    packages = read_lock(project / LOCK)
    uv = _uv(environment, packages)
    left_out = _torch_for_cpus(uv, project, packages)
    _say(f"installing the packages of {LOCK}, by their hashes")
    _install_locked(uv, packages, left_out)
    _run([*uv, "--no-deps", "--no-build-isolation", "--editable", str(project)], "installing")
    (environment / MARK).write_text(json.dumps(made_from(project, python)))


def may_stay(python: str, any_python: bool) -> bool:
    """Whether an environment of that Python is gone on with, and not made anew."""
    return python in FITTING if any_python else python == OWN


def is_whole(environment: Path, project: Path, any_python: bool) -> bool:
    """Whether an environment was made to the end, from what the project asks for now."""
    try:
        mark = json.loads((environment / MARK).read_text())
    except (OSError, ValueError):
        return False
    wanted = made_from(project, mark.get("python", "") if any_python else OWN)
    return bool(mark == wanted) and (environment / "bin" / "python").exists()


def made_from(project: Path, python: str) -> dict[str, str]:
    """What decides over an environment: the packages asked for, and the Python."""
    content = b"".join((project / name).read_bytes() for name in (LOCK, "pyproject.toml"))
    return {"packages": hashlib.sha256(content).hexdigest(), "python": python}


def python_of(environment: Path) -> str:
    """The Python of an environment, such as 3.12; empty where it has none that has pip."""
    asked = "import pip, sys; print('%d.%d' % sys.version_info[:2])"
    try:
        answer = subprocess.run(
            [environment / "bin" / "python", "-c", asked],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        return ""
    return answer.stdout.strip()


def read_lock(file: Path) -> dict[str, str]:
    """Entries of a lock, each with its hashes, by the package's name.

    A package that is locked in two versions, told apart by a marker, has one entry with both.
    """
    entries: dict[str, str] = {}
    name = ""
    for line in file.read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            name = line.partition("==")[0]
        if name and not line.startswith("#"):
            entries[name] = f"{entries.get(name, '')}{line}\n"
    return entries


def _uv(environment: Path, packages: Mapping[str, str]) -> list[str]:
    """The command that installs: uv, which loads many files at a time, set up as pip is here."""
    pip = [str(environment / "bin" / "python"), "-m", "pip"]
    for variable, value in _settings_of_pip(pip).items():
        os.environ.setdefault(variable, value)
    uv = shutil.which("uv")
    if uv is None:
        with tempfile.NamedTemporaryFile("w", suffix=".txt") as file:
            file.write(packages["uv"])
            file.flush()
            quiet = ("--quiet", "--disable-pip-version-check", "--require-hashes")
            _run([*pip, "install", *quiet, "-r", file.name], "installing uv")
        uv = str(environment / "bin" / "uv")
    shown = [] if sys.stderr.isatty() else ["--quiet"]
    of_environment = ["--python", str(environment / "bin" / "python")]
    # Stages write no bytecode, and would compile every module each time.
    return [uv, "pip", "install", *shown, *of_environment, "--compile-bytecode"]


def _settings_of_pip(pip: Sequence[str]) -> dict[str, str]:
    """What pip is told of indexes, by uv's names; what stands in the environment counts most."""
    listed = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    found: dict[str, str] = {}
    for scope in ("global", "site", "install", ":env:"):
        for line in listed.stdout.splitlines():
            key, _, value = line.partition("=")
            setting = key.removeprefix(f"{scope}.")
            if setting != key and setting in OF_PIP:
                found[OF_PIP[setting]] = " ".join(str(ast.literal_eval(value)).split())
    return found


def _torch_for_cpus(uv: Sequence[str], project: Path, packages: Mapping[str, str]) -> set[str]:
    """Install builds of torch without CUDA where no GPU is there and they can be had.

    They have other hashes than PyPI's and are taken by their version, from PyTorch's own index.

    Returns:
        The packages of the lock that are not needed then; none where PyPI's torch is to be taken.
    """
    if not sys.platform.startswith("linux"):
        return set()
    if has_nvidia_gpu():
        _say("an NVIDIA GPU is here: taking PyPI's torch, with CUDA")
        return set()
    index = cpu_index(project)
    wanted = [_pin(packages[name]) for name in BUILDS_OF_TORCH]
    reason = _out_of_reach(index)
    if not reason:
        plain = ["--no-config", "--no-deps", "--default-index", index]
        tried = subprocess.run([*uv, *plain, *wanted], capture_output=True, text=True, check=False)
        reason = (tried.stderr.strip().splitlines() or ["?"])[-1] if tried.returncode else ""
    if reason:
        _say(f"no GPU here, but {index} cannot be used ({reason}): taking PyPI's torch, with CUDA")
        return set()
    _say(f"no GPU here: taking builds of torch for CPUs, from {index}")
    return {name for name in packages if name in BUILDS_OF_TORCH or CUDA.fullmatch(name)}


def has_nvidia_gpu() -> bool:
    """Whether a driver lists a GPU of NVIDIA's."""
    try:
        return (
            subprocess.run(["nvidia-smi", "-L"], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return any(Path("/proc/driver/nvidia/gpus").glob("*"))


def cpu_index(project: Path) -> str:
    """The index of builds for CPUs that pyproject.toml names."""
    # Only the Pythons that are checked for have it.
    import tomllib

    declared: dict[str, Any] = tomllib.loads((project / "pyproject.toml").read_text())
    urls = {index["name"]: str(index["url"]) for index in declared["tool"]["uv"]["index"]}
    return urls["pytorch-cpu"]


def _pin(entry: str) -> str:
    """The name and version of a lock's entry, `torch==2.14.1`."""
    return entry.split()[0]


def _out_of_reach(index: str) -> str:
    """Why an index cannot be asked for torch; empty where it can."""
    try:
        with urllib.request.urlopen(f"{index}/torch/", timeout=PATIENCE):
            return ""
    except OSError as error:
        return str(getattr(error, "reason", error))


def _install_locked(
    uv: Sequence[str], packages: Mapping[str, str], left_out: Collection[str]
) -> None:
    """Install what is locked, but for some packages, each file by its hash."""
    taken = "".join(entry for name, entry in packages.items() if name not in left_out)
    # kfp-server-api is published as source alone: it is built by the locked setuptools.
    _run([*uv, "--require-hashes", "-r", "-"], "installing", packages["setuptools"])
    alone = ("--no-build-isolation-package", "kfp-server-api")
    _run([*uv, "--require-hashes", *alone, "-r", "-"], "installing", taken)


def _run(command: Sequence[str], what: str, given: str | None = None) -> None:
    done = subprocess.run(command, input=given, text=True, check=False)
    if done.returncode:
        raise ValueError(f"{what} failed, as said above; make install goes on from there.")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
