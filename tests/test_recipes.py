"""CONTRIBUTING.md's recipes, followed word by word in a copy of the project."""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

COPIED = (
    *("components", "pipeline", "docker", "tests", "docs", "README.md", "locked.txt"),
    *("pyproject.toml", ".dockerignore"),
)
BLOCK = re.compile(r"^```(python|diff)\n(?:# |\+\+\+ )(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
RECIPE = re.compile(r"^### (.+?)\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """One block of a recipe: a new file, or changes to one."""

    kind: str
    file: str
    text: str


def recipes(project: Path) -> dict[str, list[Step]]:
    text = (project / "CONTRIBUTING.md").read_text()
    return {
        title: [Step(*found) for found in BLOCK.findall(body)]
        for title, body in RECIPE.findall(text)
    }


def follow(steps: list[Step], copy: Path) -> set[str]:
    """Do what the steps say; return the files touched."""
    for step in steps:
        file = copy / step.file
        if step.kind == "diff":
            file.write_text(changed(file.read_text(), step.text))
        else:
            assert not file.exists(), f"{step.file} is there already"
            file.parent.mkdir(exist_ok=True)
            file.write_text(step.text)
    return {step.file for step in steps}


def changed(text: str, diff: str) -> str:
    for part in diff.split("@@\n"):
        lines = part.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line[0] in " -")
        new = "".join(line[1:] for line in lines if line[0] in " +")
        assert text.count(old) == 1, f"found {text.count(old)} times:\n{old}"
        text = text.replace(old, new)
    return text


def checked(copy: Path, *command: str) -> None:
    own = {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1", "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=copy, env={**os.environ, **own}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def copy(project: Path, tmp_path: Path) -> Path:
    without = shutil.ignore_patterns("__pycache__")
    for name in COPIED:
        if (project / name).is_dir():
            shutil.copytree(project / name, tmp_path / name, ignore=without)
        else:
            shutil.copy(project / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("title", "files", "tests"),
    [
        ("A parameter", 1, ["tests/recipes/parameter.py"]),
        ("A loss", 3, ["tests/recipes/loss.py"]),
        ("A section of the report", 2, ["tests/recipes/section.py"]),
        ("A layout of images", 2, ["tests/recipes/layout.py"]),
        (
            "A stage",
            7,
            [
                *("tests/recipes/stage.py", "tests/docker/test_dockerfile.py"),
                *("tests/test_imports.py", "tests/components/test_faces.py", "-k", "list_mistakes"),
            ],
        ),
    ],
)
def test_a_recipe_does_what_it_says(
    title: str, files: int, tests: list[str], project: Path, copy: Path
) -> None:
    touched = follow(recipes(project)[title], copy)
    assert len(touched) == files
    python = sorted(name for name in touched if name.endswith(".py"))
    checked(copy, "ruff", "check", *python)
    checked(copy, "ruff", "format", "--check", *python)
    checked(copy, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", *tests)


def test_every_recipe_is_followed(project: Path) -> None:
    followed = test_a_recipe_does_what_it_says.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert {title for title, _, _ in followed} == set(recipes(project))
