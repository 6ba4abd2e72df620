import fnmatch
import re
from pathlib import Path

import pytest
import yaml

from pipeline.cluster.sizes import STAGES

TEXT_STAGES = (
    *("open_run", "prepare_taxonomy", "prepare_corpus", "train_skipgram", "prepare_images"),
    *("map_synsets", "draw_report"),
)
# What only the MLflow server has, so that no version of it is installed elsewhere.
SERVER_ONLY = ("boto3", "botocore", "jmespath", "s3transfer")


def targets(project: Path) -> dict[str, tuple[str, list[str]]]:
    """Name -> (what it builds on, its lines) of each target of the Dockerfile."""
    found: dict[str, tuple[str, list[str]]] = {}
    lines: list[str] = []
    for line in (project / "docker" / "Dockerfile").read_text().splitlines():
        match = re.fullmatch(r"FROM (\S+) AS (\S+)", line)
        if match:
            lines = []
            found[match[2]] = (match[1], lines)
        elif not line.startswith("#"):
            lines.append(line)
    return found


def lineage(project: Path, target: str) -> list[str]:
    """All lines that make a target, those of the targets below it first."""
    found = targets(project)
    base, lines = found[target]
    return (lineage(project, base) if base in found else []) + lines


def pins(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.lower().split("==", 1) for line in lines)


def test_every_stage_has_a_target_and_an_image(project: Path) -> None:
    folders = {path.parent.name for path in (project / "components").glob("*/component.py")}
    assert folders <= set(STAGES)
    assert {stage.replace("_", "-") for stage in STAGES} <= set(targets(project))


@pytest.mark.parametrize("stage", STAGES)
def test_an_image_holds_its_own_stage_and_what_stages_share(project: Path, stage: str) -> None:
    lines = lineage(project, stage.replace("_", "-"))
    copied = [line.split()[1] for line in lines if line.startswith("COPY components")]
    assert copied == ["components/__init__.py", "components/shared", f"components/{stage}"]


@pytest.mark.parametrize("stage", STAGES)
def test_no_image_runs_as_root(project: Path, stage: str) -> None:
    assert targets(project)[stage.replace("_", "-")][1][-2:] == ["USER 1000:1000", ""] or (
        targets(project)[stage.replace("_", "-")][1][-1] == "USER 1000:1000"
    )


def test_text_stages_have_no_torch_below_them(project: Path) -> None:
    for stage in TEXT_STAGES:
        assert not any("torch" in line for line in lineage(project, stage.replace("_", "-")))
    order = list(targets(project))
    # An engine without BuildKit builds every target above the one asked for.
    assert max(order.index(s.replace("_", "-")) for s in TEXT_STAGES) < order.index("torch")


def test_nothing_needs_buildkit(project: Path) -> None:
    for name in ("Dockerfile", "mlflow.Dockerfile"):
        text = (project / "docker" / name).read_text()
        assert "--mount" not in text
        assert not re.search(r"COPY --(chmod|link|parents)|<<", text)


def test_requirements_are_pinned_to_the_versions_of_the_constraints(project: Path) -> None:
    constraints = pins(project / "constraints.txt")
    for file in sorted((project / "docker").glob("requirements-*.txt")):
        for name, version in pins(file).items():
            alone = version if name in SERVER_ONLY else None
            assert constraints.get(name, alone) == version, name


def test_the_build_context_holds_what_the_dockerfiles_copy_and_no_more(project: Path) -> None:
    lines = (project / ".dockerignore").read_text().splitlines()
    kept = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines
    copied = {
        source
        for name in ("Dockerfile", "mlflow.Dockerfile")
        for line in (project / "docker" / name).read_text().splitlines()
        if line.startswith("COPY ")
        for source in line.split()[1:-1]
    }
    for source in copied:
        assert (project / source).exists(), source
        assert any(fnmatch.fnmatch(source, rule) or source.startswith(rule) for rule in kept)


def test_the_compose_file_takes_credentials_from_the_environment_and_checks_health(
    project: Path,
) -> None:
    text = (project / "docker" / "compose.yaml").read_text()
    compose = yaml.safe_load(text)
    for service in ("object-store", "mlflow"):
        assert compose["services"][service]["healthcheck"]["test"]
        assert all(port.startswith("127.0.0.1:") for port in compose["services"][service]["ports"])
    assert set(re.findall(r"\$\{(AWS_[A-Z_]+)", text)) == {
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
    }
    example = (project / "docker" / ".env.example").read_text()
    assert "AWS_ACCESS_KEY_ID=\nAWS_SECRET_ACCESS_KEY=\n" in example
