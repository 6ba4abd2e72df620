import fnmatch
import re
from pathlib import Path

import pytest
import yaml

from pipeline.cluster.sizes import STAGES
from pipeline.commands.images import images
from pipeline.images import SBOM

TEXT_STAGES = (
    *("open_run", "prepare_taxonomy", "prepare_corpus", "train_skipgram", "pack_images"),
    *("prepare_images", "map_synsets", "evaluate", "draw_report"),
)
DOCKERFILES = ("Dockerfile", "mlflow.Dockerfile")
PARTS = sorted(
    file.stem.removeprefix("requirements-")
    for file in (Path(__file__).resolve().parents[2] / "docker").glob("requirements-*.txt")
)
HASHED = "--require-hashes --only-binary :all: "


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


def wanted(file: Path) -> dict[str, str]:
    """The packages that a file of requirements names, with the version where it pins one."""
    lines = [line for line in file.read_text().lower().splitlines() if line[:1] not in "#"]
    pins = [line.partition("==") for line in lines]
    return {normal(name): version for name, _, version in pins}


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
    assert max(order.index(s.replace("_", "-")) for s in TEXT_STAGES) < order.index("torch")


def instructions(file: Path) -> list[str]:
    """Lines of a Dockerfile without comments, those that go on joined."""
    lines = [line for line in file.read_text().splitlines() if not line.startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [" ".join(line.split()) for line in joined.splitlines() if line]


@pytest.mark.parametrize("name", DOCKERFILES)
def test_nothing_secret_gets_into_an_image_or_its_history(project: Path, name: str) -> None:
    for line in instructions(project / "docker" / name):
        kind, _, rest = line.partition(" ")
        # Values of arguments and variables stand in an image's history.
        assert kind != "ARG" or rest.partition("=")[0] == "BASE_IMAGE"
        assert not re.search(r"INDEX_URL|TOKEN|PASSWORD|://|pip\.conf(?<!=/etc/pip\.conf)", line), (
            line
        )
        if kind == "RUN" and "pip install" in line:
            assert rest.startswith("--mount=type=secret,id=pip,target=/etc/pip.conf pip install ")


@pytest.mark.parametrize("name", DOCKERFILES)
def test_packages_are_installed_by_their_hashes_and_listed(project: Path, name: str) -> None:
    runs = [line for line in instructions(project / "docker" / name) if "pip install" in line]
    assert runs
    for run in runs:
        *installs, listing = run.split(" && ")
        assert listing == f"pip inspect > {SBOM}"
        assert all(f"pip install {HASHED}" in install for install in installs)
        copied = copied_before(project / "docker" / name, run)
        installed = [f"docker/locked/{file}" for file in re.findall(r" -r /build/(\S+)", run)]
        assert copied == f"COPY {' '.join(installed)} /build/"


def copied_before(dockerfile: Path, run: str) -> str:
    """The instruction above another."""
    lines = instructions(dockerfile)
    return lines[lines.index(run) - 1]


def locked(file: Path) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of each package of a lock."""
    text = re.sub(r"^#.*\n", "", file.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    rows = [line.partition(" --hash") for line in text.splitlines()]
    entries = [(row[0].partition(" ;")[0], (row[1] + row[2]).split()) for row in rows]
    for _, hashes in entries:
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", one) for one in hashes)
    split = [(pin.strip().lower().split("=="), len(hashes)) for pin, hashes in entries]
    return {normal(name): (version, hashes) for (name, version), hashes in split}


@pytest.mark.parametrize("part", PARTS)
def test_a_lock_has_hashes_of_the_versions_that_are_tested(project: Path, part: str) -> None:
    named = wanted(project / "docker" / f"requirements-{part}.txt")
    tested = {name: version for name, (version, _) in locked(project / "locked.txt").items()}
    pinned = {name: version for name, version in named.items() if version}
    assert set(pinned) & set(tested) == set(), "locked.txt pins these already"
    found = locked(project / "docker" / "locked" / f"{part}.txt")
    assert set(named) <= set(found), "make locks"
    for name, (version, hashes) in found.items():
        assert {**pinned, **tested}.get(name) == version, f"{name}: make locks"
        assert hashes, name


def test_there_is_a_lock_of_each_requirements_file_and_no_other(project: Path) -> None:
    assert {file.stem for file in (project / "docker" / "locked").iterdir()} == set(PARTS)


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name)


def test_the_command_builds_on_what_the_dockerfiles_build_on(project: Path) -> None:
    (option,) = [one for one in images.params if one.name == "base_image"]
    for name in DOCKERFILES:
        assert f"ARG BASE_IMAGE={option.default}" in instructions(project / "docker" / name)


def test_the_build_context_holds_what_the_dockerfiles_copy_and_no_more(project: Path) -> None:
    lines = (project / ".dockerignore").read_text().splitlines()
    kept = [line[1:] for line in lines if line.startswith("!")]
    assert "*" in lines
    copied = {
        source
        for name in DOCKERFILES
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
