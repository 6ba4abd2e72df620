import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from components.shared.storage.atomic import (
    remove_half_files,
    write_json,
    write_text,
    written_aside,
)


def test_json_comes_back_with_its_letters_and_its_order(tmp_path: Path) -> None:
    write_json(tmp_path / "new/facts.json", {"z": "Käse", "a": [1]})
    text = (tmp_path / "new/facts.json").read_text(encoding="utf-8")
    assert list(json.loads(text).items()) == [("z", "Käse"), ("a", [1])]
    assert "Käse" in text
    assert text.endswith("}\n")


def test_keys_are_sorted_where_asked(tmp_path: Path) -> None:
    write_json(tmp_path / "x", {"b": 1, "a": 2}, sort_keys=True)
    assert list(json.loads((tmp_path / "x").read_text())) == ["a", "b"]


def test_an_earlier_file_is_replaced_and_nothing_stays_beside_it(tmp_path: Path) -> None:
    for text in ("one", "two"):
        write_text(tmp_path / "x", text)
    assert (tmp_path / "x").read_text() == "two"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


def test_a_write_that_fails_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    write_text(tmp_path / "x", "one")
    with pytest.raises(TypeError):
        write_json(tmp_path / "x", {"of": object()})
    with pytest.raises(UnicodeEncodeError), written_aside(tmp_path / "x") as aside:
        aside.write_text("half \ud800", encoding="utf-8")
    assert (tmp_path / "x").read_text() == "one"
    assert list(tmp_path.iterdir()) == [tmp_path / "x"]


DYING = """
import os, signal, sys
from pathlib import Path
from components.shared.storage.atomic import written_aside
with written_aside(Path(sys.argv[1])) as aside:
    aside.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_writer_left_is_removed_and_what_is_being_written_stays(
    project: Path, tmp_path: Path
) -> None:
    dead, living, whole = (tmp_path / "deep" / name for name in ("dead", "living", "whole"))
    write_text(whole, "whole")
    killed = subprocess.run([sys.executable, "-c", DYING, str(dead)], cwd=project, check=False)
    assert killed.returncode == -signal.SIGKILL
    with written_aside(living) as aside:
        aside.write_text("being written")
        assert remove_half_files(tmp_path) == 1
    assert {file.name for file in (tmp_path / "deep").iterdir()} == {"living", "whole"}
    assert living.read_text() == "being written"
    assert remove_half_files(tmp_path) == 0


def test_a_library_that_renames_a_file_of_its_own_leaves_nothing_beside_the_target(
    tmp_path: Path,
) -> None:
    with written_aside(tmp_path / "x") as aside:
        (aside.parent / "scratch").write_text("a library's own")
        os.replace(aside.parent / "scratch", aside)
    assert [file.name for file in tmp_path.iterdir()] == ["x"]
