import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from support.no_privilege import permissions_count

from components.shared.execution.run_folder import LOCK
from pipeline.local.output_folder import claimed, refuse_foreign
from pipeline.local.run_id import FILE, set_run_id


def test_a_new_folder_an_empty_one_and_a_runs_own_are_taken(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for output in (tmp_path / "deep" / "new", tmp_path / "empty"):
        with claimed(output):
            (output / "metrics.json").write_text("{}")
        with claimed(output):
            assert (output / "metrics.json").read_text() == "{}"


@pytest.mark.parametrize(
    "name", ["tasks/monday.txt", "metrics.json", ".hidden", "stages/evaluate/notes", ".lock"]
)
def test_a_folder_with_other_files_is_refused_by_name_and_stays_as_it_is(
    tmp_path: Path, name: str
) -> None:
    output = tmp_path / "out"
    (output / name).parent.mkdir(parents=True)
    (output / name).write_text("mine")
    (output / FILE).write_text("wandb-7\n")
    with pytest.raises(ValueError, match=r"--output .*out holds what no run has left there"):
        refuse_foreign(output)
    with pytest.raises(ValueError, match="name a new folder"), claimed(output):
        raise AssertionError("it was taken")
    assert (output / name).read_text() == "mine"
    assert {path.name for path in output.iterdir()} == {name.partition("/")[0], FILE}


def mark(output: Path, how: str) -> None:
    """What a run leaves in the folder; the other marks are damaged or missing."""
    if how == "run_id":
        set_run_id(output, {"seed": 0})
    elif how == "finished stage":
        finished = output / "stages" / "evaluate" / "0123" / "finished.json"
        finished.parent.mkdir(parents=True)
        finished.write_bytes(b"")
    else:
        with claimed(output):
            pass
    (output / "metrics.json").write_text("{}")


@pytest.mark.parametrize("how", ["run_id", "finished stage", "lock"])
def test_one_mark_of_a_run_is_enough(tmp_path: Path, how: str) -> None:
    mark(tmp_path, how)
    with claimed(tmp_path):
        assert (tmp_path / "metrics.json").read_text() == "{}"


def test_what_is_put_into_a_claimed_folder_before_the_run_is_not_in_its_way(tmp_path: Path) -> None:
    with claimed(tmp_path):
        (tmp_path / "mlflow.db").touch()
    refuse_foreign(tmp_path)


def test_what_a_run_that_was_killed_at_once_leaves_is_taken(tmp_path: Path) -> None:
    (tmp_path / LOCK).touch()
    with claimed(tmp_path):
        assert (tmp_path / LOCK).read_text()


def test_only_one_run_at_a_time_is_let_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.local.output_folder.LOCK_SECONDS", 0.2)
    with (
        claimed(tmp_path),
        pytest.raises(ValueError, match=f"Another run is writing to {tmp_path}, or a stage of one"),
        claimed(tmp_path),
    ):
        raise AssertionError("it was taken twice")


def test_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("mine")
    for output in (tmp_path / "notes.md", tmp_path / "notes.md" / "run"):
        with pytest.raises(ValueError, match=r"--output .*notes\.md"), claimed(output):
            raise AssertionError("it was taken")
    assert (tmp_path / "notes.md").read_text() == "mine"


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "locked").mkdir(mode=0o555)
    with permissions_count() if os.geteuid() == 0 else nullcontext():
        yield tmp_path / "locked"
    (tmp_path / "locked").chmod(0o755)


def test_a_folder_that_cannot_be_written_to_is_named(locked: Path) -> None:
    for output in (locked, locked / "new"):
        with pytest.raises(ValueError, match="cannot be read and written to"), claimed(output):
            raise AssertionError("it was taken")


READ_ONLY = 'mount -t tmpfs none "$0" && mkdir "$0/mine" && mount -o remount,ro "$0" && exec "$@"'
CLAIM = """
import sys
from pathlib import Path
from pipeline.local.output_folder import claimed
for name in ("", "mine", "new/run"):
    try:
        with claimed(Path(sys.argv[1], name)):
            print("taken")
    except ValueError as error:
        print(error)
"""


def can_mount() -> bool:
    unshare = shutil.which("unshare")
    if unshare is None:
        return False
    return subprocess.run([unshare, "-rm", "true"], check=False).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="nothing can be mounted here")
def test_a_folder_on_a_file_system_that_can_only_be_read_is_named(
    project: Path, tmp_path: Path
) -> None:
    mounted = ["unshare", "-rm", "sh", "-c", READ_ONLY, str(tmp_path)]
    done = subprocess.run(
        [*mounted, sys.executable, "-c", CLAIM, str(tmp_path)],
        cwd=project,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    reason = "cannot be read and written to (Read-only file system): let this user do so, or name"
    own, inside, new = done.stdout.splitlines()
    assert "holds what no run has left there, such as 'mine'" in own
    assert inside.startswith(f"--output {tmp_path}/mine {reason}")
    assert new.startswith(f"--output {tmp_path}/new/run {reason}")
