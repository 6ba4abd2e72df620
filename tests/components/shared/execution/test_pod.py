import shutil
from pathlib import Path

import pytest

from components.open_run.opening import open_pipeline_run
from components.shared.execution.code_version import code_version
from components.shared.execution.pod import CODE_VERSION, SCRATCH, SCRATCH_BYTES, check_pod


def test_where_nothing_is_said_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (CODE_VERSION, SCRATCH):
        monkeypatch.delenv(name, raising=False)
    check_pod("train_devise")


def test_the_code_that_was_compiled_is_accepted(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CODE_VERSION, code_version("train_devise"))
    monkeypatch.setenv(SCRATCH, str(tmp_path))
    check_pod("train_devise")


def test_other_code_than_was_compiled_is_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(CODE_VERSION, "0123456789abcdef")
    said = r"The image of train_devise holds other code .* \(0123456789abcdef\): build and push"
    with pytest.raises(ValueError, match=said):
        check_pod("train_devise")


def test_open_run_checks_its_own_code_before_anything_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CODE_VERSION, "0123456789abcdef")
    with pytest.raises(ValueError, match="The image of open_run holds other code"):
        open_pipeline_run("no preset", {}, {}, tmp_path)


def test_a_scratch_volume_that_cannot_be_used_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SCRATCH, str(tmp_path / "not mounted"))
    with pytest.raises(ValueError, match=r"cannot be written to by user .* --scratch-class node"):
        check_pod("train_devise")


def test_a_scratch_volume_that_is_smaller_than_it_was_promised_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(SCRATCH, str(tmp_path))
    free = shutil.disk_usage(tmp_path).free
    monkeypatch.setenv(SCRATCH_BYTES, str(free))
    check_pod("train_devise")
    monkeypatch.setenv(SCRATCH_BYTES, str(2 * free))
    with pytest.raises(ValueError, match=r"GB free of the .* that the stage was promised: make"):
        check_pod("train_devise")
