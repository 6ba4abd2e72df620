import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from components.shared.execution.finished_stages import (
    RECORD,
    Unfinished,
    keep,
    only_finished,
    refuse_work,
    take,
)
from components.shared.storage.fingerprint import checksum

Change = Callable[[bytes], bytes]


@pytest.fixture(name="outputs")
def a_file_and_a_folder(tmp_path: Path) -> dict[str, Path]:
    (tmp_path / "made" / "model").mkdir(parents=True)
    (tmp_path / "made" / "model" / "weights").write_bytes(b"+1 -1 +1")
    (tmp_path / "made" / "page").write_text("<html>")
    return {"model": tmp_path / "made" / "model", "page": tmp_path / "made" / "page"}


@pytest.fixture(name="kept")
def a_kept_result(tmp_path: Path, outputs: dict[str, Path]) -> Path:
    keep(tmp_path / "kept", outputs, record_of(outputs))
    return tmp_path / "kept"


def record_of(outputs: dict[str, Path]) -> dict[str, Any]:
    checksums = {name: checksum(path) for name, path in outputs.items()}
    return {"outputs": checksums, "metrics": {"hit": 0.25, "none": float("inf")}, "task": "crêpe"}


def places(folder: Path) -> dict[str, Path]:
    return {"model": folder / "model", "page": folder / "page"}


def test_a_result_comes_back_with_its_record(
    kept: Path, outputs: dict[str, Path], tmp_path: Path
) -> None:
    assert take(kept, places(tmp_path / "again")) == record_of(outputs)
    assert (tmp_path / "again" / "model" / "weights").read_bytes() == b"+1 -1 +1"
    assert (tmp_path / "again" / "page").read_text() == "<html>"


def test_nothing_comes_back_where_nothing_was_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert take(tmp_path / "kept", places(tmp_path / "again")) is None
    assert capsys.readouterr().out == ""


DAMAGE: dict[str, Change] = {
    "cut": lambda content: content[:-1],
    "empty": lambda content: b"",
    "a byte flipped": lambda content: content.replace(b"1", b"2", 1),
    "longer": lambda content: content + b" ",
    "no text": lambda content: b"\xff\xfe\x00",
    "other JSON": lambda content: b"[]",
}


@pytest.mark.parametrize("file", ["model/weights", "page"])
@pytest.mark.parametrize("how", [*DAMAGE, "gone"])
def test_a_result_that_is_not_as_it_was_left_is_said_and_taken_for_none(
    kept: Path, tmp_path: Path, file: str, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = (kept / file).read_bytes()
    (kept / file).unlink()
    if how != "gone":
        changed = DAMAGE[how](content)
        (kept / file).write_bytes(changed if changed != content else b"<hxml>")
    assert take(kept, places(tmp_path / "again")) is None
    assert not (tmp_path / "again").exists()
    name = file.partition("/")[0]
    assert f"{kept / name} is damaged or was changed since its stage finished" in (
        capsys.readouterr().out
    )


def test_a_file_beside_those_of_a_folder_is_a_change_too(kept: Path, tmp_path: Path) -> None:
    (kept / "model" / "notes").write_text("mine")
    assert take(kept, places(tmp_path / "again")) is None


@pytest.mark.parametrize("how", [how for how in DAMAGE if how != "longer"])
def test_a_record_that_is_not_as_it_was_left_is_said_and_taken_for_none(
    kept: Path, tmp_path: Path, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    content = (kept / RECORD).read_bytes()
    change = DAMAGE[how](content)
    if how == "cut":
        change = content[: len(content) // 2]
    (kept / RECORD).write_bytes(change)
    assert take(kept, places(tmp_path / "again")) is None
    assert f"{RECORD} is damaged" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["checksum", "outputs", "metrics"])
def test_a_record_that_lacks_something_is_taken_for_none(
    kept: Path, tmp_path: Path, name: str
) -> None:
    record = json.loads((kept / RECORD).read_text())
    del record[name]
    (kept / RECORD).write_text(json.dumps(record))
    assert take(kept, places(tmp_path / "again")) is None


def test_a_result_that_was_damaged_can_be_kept_again(
    kept: Path, outputs: dict[str, Path], tmp_path: Path
) -> None:
    (kept / "page").unlink()
    (kept / "model" / "notes").write_text("mine")
    keep(kept, outputs, record_of(outputs))
    assert take(kept, places(tmp_path / "again")) == record_of(outputs)
    assert not (kept / "model" / "notes").exists()


def test_damage_is_said_once(
    kept: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (kept / "page").write_text("<hxml>")
    for number in range(2):
        assert take(kept, places(tmp_path / str(number))) is None
    assert capsys.readouterr().out.count("damaged") == 1


def test_work_is_refused_where_only_finished_results_are_wanted() -> None:
    refuse_work()
    with only_finished(), pytest.raises(Unfinished):
        refuse_work()
    refuse_work()
