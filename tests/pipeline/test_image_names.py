import re
import shutil
from pathlib import Path

import pytest

from components.shared.execution import code_version
from pipeline import image_names
from pipeline.cluster.sizes import STAGES
from pipeline.image_names import MLFLOW_SERVER, check_image_names, content_tag, image_name


@pytest.fixture
def copy(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the files that images are built from, which tags are computed from."""
    ignored = shutil.ignore_patterns("__pycache__")
    for folder in ("components", "docker"):
        shutil.copytree(project / folder, tmp_path / folder, ignore=ignored)
    for module in (code_version, image_names):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(image_names, "DOCKER", tmp_path / "docker")
    return tmp_path


def changed(folder: Path, name: str) -> set[str]:
    """Stages whose tag is another one after an edit of a file."""
    images = (*STAGES, MLFLOW_SERVER)
    before = {stage: content_tag(stage) for stage in images}
    with (folder / name).open("a") as file:
        file.write("\n# edited\n")
    return {stage for stage in images if content_tag(stage) != before[stage]}


def test_a_name_is_made_of_registry_stage_and_tag() -> None:
    assert image_name("open_run", "", "1.0") == "devise-open-run:1.0"
    assert image_name("open_run", "ghcr.io/team/", "1.0") == "ghcr.io/team/devise-open-run:1.0"


def test_without_a_tag_it_is_a_hash_of_what_the_image_holds(copy: Path) -> None:
    assert re.fullmatch(
        r"ghcr\.io/devise-evaluate:[0-9a-f]{12}", image_name("evaluate", "ghcr.io", "")
    )
    assert content_tag("evaluate") == content_tag("evaluate")
    assert changed(copy, "components/evaluate/evaluation.py") == {"evaluate"}


def test_a_mended_report_to_mlflow_is_in_every_stages_new_image(copy: Path) -> None:
    assert changed(copy, "components/shared/execution/tracking.py") == set(STAGES)


def test_other_packages_are_another_image(copy: Path) -> None:
    assert changed(copy, "docker/locked/common.txt") == {*STAGES, MLFLOW_SERVER}


def test_a_cluster_needs_a_registry() -> None:
    with pytest.raises(ValueError, match=r"--registry is missing: .* such as --registry ghcr"):
        check_image_names("", "1.0")


def test_the_tag_latest_is_refused_because_it_is_no_builds_own() -> None:
    with pytest.raises(ValueError, match="leave --tag out for a hash of the code"):
        check_image_names("ghcr.io/team", "latest")
    check_image_names("ghcr.io/team", "")
    check_image_names("ghcr.io/team", "1.0")
