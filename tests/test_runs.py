import subprocess
import sys
from pathlib import Path

import pytest
import runs
from rows import Row
from runs import code_at, compared, rows, timed

BUSY = "import time\nwhile time.process_time() < 0.5: pass"
LEAVES_ONE = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {BUSY!r}])"


def test_seconds_of_what_outlives_a_command_are_counted(tmp_path: Path) -> None:
    took = timed([sys.executable, "-c", LEAVES_ONE], tmp_path, {})
    assert took.processor >= 0.5
    assert took.wall > 0


def test_a_command_that_fails_is_not_timed(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        timed([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, {})


PIPELINE = """
import json, sys
from pathlib import Path
Path("asked").open("a").write(" ".join(sys.argv[1:]) + "\\n")
if sys.argv[1] == "run":
    Path("run").mkdir(exist_ok=True)
    Path("run/metrics.json").write_text(json.dumps({"hit@1": HIT, "images": 5}))
"""


@pytest.fixture(name="repository")
def repository_of_a_pipeline_whose_figure_changed(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    git = ("git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c")
    subprocess.run([*git, "init", "--quiet"], check=True)
    for hit in ("0.5", "0.75"):
        (folder / "pipeline.py").write_text(PIPELINE.replace("HIT", hit))
        subprocess.run([*git, "add", "."], check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", hit], check=True)
    return folder


def test_the_code_of_a_commit_is_there_while_it_is_measured(
    repository: Path, tmp_path: Path
) -> None:
    with code_at("HEAD~1", tmp_path / "code", repository) as code:
        assert '"hit@1": 0.5' in (code / "pipeline.py").read_text()
    assert not code.exists()
    listed = subprocess.check_output(["git", "-C", str(repository), "worktree", "list"], text=True)
    assert len(listed.splitlines()) == 1


def test_both_runs_are_measured_beside_those_of_another_commit(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ROOT", repository)
    fresh, of_processors, again, _, figures = rows(against="HEAD~1")
    assert fresh.name.startswith("quickstart into a fresh folder")
    assert again.name.startswith("the finished quickstart again")
    assert fresh.unit == "s"
    assert of_processors.unit == "s of processors"
    for row in (fresh, of_processors, again):
        assert row.ours > 0
        assert row.plain
    assert figures == Row(
        "metrics.json: 2 figures, most of all hit@1; HEAD~1", 0.25, None, None, figures.unit
    )


def test_without_a_commit_there_is_nothing_beside_them(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "ROOT", repository)
    assert [row.plain for row in rows(is_quick=True)] == [None] * 4


@pytest.mark.parametrize(
    ("theirs", "said", "difference"),
    [
        ({"a": 1.0, "b": 2.0}, "metrics.json: 2 figures, equal", 0.0),
        ({"a": 1.5, "b": 1.8}, "metrics.json: 2 figures, most of all a", 0.5),
        ({"a": 1.0, "c": 1.0}, "metrics.json: 1 figures, equal; 2 in one alone", 0.0),
    ],
)
def test_figures_are_compared_by_the_largest_difference(
    theirs: dict[str, float], said: str, difference: float
) -> None:
    assert compared({"a": 1.0, "b": 2.0}, theirs) == (said, difference)
