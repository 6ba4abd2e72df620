"""What pyproject.toml says of packages holds for the code and for the lock."""

import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from test_imports import imports

PROJECT = Path(__file__).resolve().parents[1]
DECLARED: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
BROUGHT = {"kfp-server-api", "pydantic-core", "pyyaml", "requests"}
"""Imported, and always there with a package that is asked for."""
NOT_IMPORTED = {"kfp-kubernetes"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def asked(*extras: str) -> dict[str, Requirement]:
    """The requirements of the project itself and of some extras."""
    lines = [*DECLARED["dependencies"]]
    for extra in extras:
        lines += DECLARED["optional-dependencies"][extra]
    return {normal(one.name): one for one in map(Requirement, lines)}


def imported() -> list[set[str]]:
    """The packages, one of them or several, that bring each module that the code imports."""
    files = (file for root in ("components", "pipeline") for file in (PROJECT / root).rglob("*.py"))
    modules = {name.partition(".")[0] for file in files for name in imports(file)}
    ours = {"components", "pipeline", *sys.stdlib_module_names}
    bringing = packages_distributions()
    return [{normal(name) for name in bringing[module]} for module in modules - ours]


def test_the_pipelines_extra_has_what_the_code_imports_and_no_more() -> None:
    wanted = set(asked("pipeline"))
    assert [packages for packages in imported() if not packages & (wanted | BROUGHT)] == []
    assert wanted - set().union(*imported()) <= NOT_IMPORTED


def test_the_lock_has_every_package_within_its_bounds() -> None:
    text = (PROJECT / "locked.txt").read_text()
    locked = dict(re.findall(r"^(\S+)==(\S+)", text, re.MULTILINE))
    for name, requirement in asked("predict", "pipeline", "docs", "dev").items():
        if name != DECLARED["name"]:
            assert requirement.specifier.contains(locked[name]), f"{name}: make locks"
