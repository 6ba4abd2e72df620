from pathlib import Path

import pytest

from pipeline.local.run_id import FILE, run_id_of, set_run_id


def test_the_same_values_keep_the_id_and_others_have_another(tmp_path: Path) -> None:
    assert run_id_of(tmp_path) is None
    set_run_id(tmp_path, {"seed": 0})
    first = run_id_of(tmp_path)
    assert first is not None
    set_run_id(tmp_path, {"seed": 0})
    assert run_id_of(tmp_path) == first
    set_run_id(tmp_path, {"seed": 1})
    assert run_id_of(tmp_path) not in (first, None)


@pytest.mark.parametrize("damage", [b"", b"0123456789abcdef", b"\xff\xfe\x00", b"a b c\n", b"\n"])
def test_a_damaged_one_is_said_and_replaced(
    tmp_path: Path, damage: bytes, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / FILE).write_bytes(damage)
    assert run_id_of(tmp_path) is None
    set_run_id(tmp_path, {"seed": 0})
    assert run_id_of(tmp_path) is not None
    assert f"{tmp_path / FILE} is damaged" in capsys.readouterr().out


def test_a_first_one_is_made_without_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_run_id(tmp_path, {"seed": 0})
    assert capsys.readouterr().out == ""
    assert [file.name for file in tmp_path.iterdir()] == [FILE]
