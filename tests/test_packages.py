"""What pyproject.toml says of packages holds for the code, for the lock and for `predict`."""

import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from support.experiment import made_run
from test_imports import imports

PROJECT = Path(__file__).resolve().parents[1]
DECLARED: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
BROUGHT = {"kfp-server-api", "protobuf", "pydantic-core", "pyyaml", "requests"}
"""Imported, and always there with a package that is asked for."""
NOT_IMPORTED = {"kfp-kubernetes", "nvidia-ml-py"}
"""Of the pipeline's extra: MLflow imports the second, to measure a GPU."""
ALL = tuple(DECLARED["optional-dependencies"])
BLOCKED = """
import builtins, sys
from pipeline.cli import main

real = builtins.__import__

def installed_alone(name, here=None, there=None, names=(), level=0):
    if level == 0 and name.partition(".")[0] in sys.argv[1].split(","):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)
    return real(name, here, there, names, level)

builtins.__import__ = lambda name, globals=None, locals=None, fromlist=(), level=0: (
    installed_alone(name, globals, locals, fromlist, level)
)
sys.exit(main(sys.argv[2:]))
"""


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(*extras: str) -> dict[str, Requirement]:
    """The requirements of the project itself and of some extras."""
    lines = [*DECLARED["dependencies"]]
    for extra in extras:
        lines += DECLARED["optional-dependencies"][extra]
    wanted = {normal(one.name): one for one in map(Requirement, lines)}
    return {name: one for name, one in wanted.items() if name != DECLARED["name"]}


def imported() -> list[set[str]]:
    """The packages, one of them or several, that bring each module that the code imports."""
    files = (file for root in ("components", "pipeline") for file in (PROJECT / root).rglob("*.py"))
    modules = {name.partition(".")[0] for file in files for name in imports(file)}
    ours = {"components", "pipeline", *sys.stdlib_module_names}
    bringing = packages_distributions()
    # An extra that is not installed here brings the module of its own name.
    return [{normal(name) for name in bringing.get(module, [module])} for module in modules - ours]


def test_every_package_that_the_code_imports_is_asked_for_and_no_other() -> None:
    wanted = {*asked(*ALL), *BROUGHT}
    assert [packages for packages in imported() if not packages & wanted] == []
    assert set(asked("pipeline")) - set().union(*imported()) <= NOT_IMPORTED


def test_the_lock_has_every_package_within_its_bounds() -> None:
    text = (PROJECT / "locked.txt").read_text()
    locked = dict(re.findall(r"^(\S+)==(\S+)", text, re.MULTILINE))
    for name, requirement in asked(*ALL).items():
        assert requirement.specifier.contains(locked[name]), f"{name}: make locks"


def test_the_constraints_for_pip_are_the_versions_of_the_lock() -> None:
    text = (PROJECT / "locked.txt").read_text()
    locked = re.findall(r"^([a-zA-Z]\S*==.*?) *\\$", text, re.MULTILINE)
    assert (PROJECT / "constraints.txt").read_text().splitlines() == locked, "make locks"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with a DeViSE model in it, and an image beside the model."""
    return made_run(tmp_path_factory)


@pytest.fixture
def database(empty_database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An MLflow of the test's own."""
    shutil.copyfile(empty_database, tmp_path / "mlflow.db")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")


def with_extras(*extras: str) -> set[str]:
    """The project itself and the packages that pyproject.toml brings with some extras."""
    left = [*asked(*extras).values()]
    found: set[str] = {DECLARED["name"]}
    while left:
        name = normal(left.pop().name)
        if name not in found:
            found.add(name)
            needed = map(Requirement, requires(name) or ())
            left += [one for one in needed if not one.marker or one.marker.evaluate({"extra": ""})]
    return found


def main_with(packages: set[str], *arguments: str) -> list[str]:
    """What the command prints, or its error, in a Python where nothing else is installed."""
    brought = packages_distributions()
    missing = [
        module
        for module, names in brought.items()
        if not {normal(name) for name in names} & packages
    ]
    command = [sys.executable, "-c", BLOCKED, ",".join(missing), *arguments]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).splitlines()


def test_a_folders_model_needs_the_base_packages_alone(run: Path) -> None:
    base = with_extras()
    assert base & {"docker", "gensim", "kfp", "mlflow", "scipy"} == set()
    arguments = ("predict", str(run / "one.jpg"), "--model", str(run), "--top", "1")
    assert main_with(base, *arguments)[0] == str(run / "one.jpg")


@pytest.mark.usefixtures("database")
def test_mlflows_models_need_the_extra_predict_alone() -> None:
    packages = with_extras("predict")
    assert packages & {"docker", "gensim", "kfp", "scipy"} == set()
    arguments = ("predict", "one.jpg", "--model", "models:/devise@champion")
    assert "is not in MLflow: " in main_with(packages, *arguments)[-1]


@pytest.mark.usefixtures("database")
def test_a_command_says_which_package_it_lacks() -> None:
    arguments = ("predict", "one.jpg", "--model", "models:/devise@champion")
    assert main_with(with_extras(), *arguments) == [
        "error: The package 'mlflow' is not installed, which this command needs: "
        "pip install -e '.[pipeline]' (or make install)."
    ]
