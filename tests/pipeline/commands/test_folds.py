import json
from pathlib import Path

import pytest

from components.shared.settings.class_folds import read_class_folds
from pipeline.cli import main
from pipeline.folds.cutting import cut_classes

CLASSES = [f"n{number:08d}" for number in range(10)]


def listed(folder: Path, wnids: list[str], name: str) -> str:
    (folder / name).write_text("".join(f"{wnid}\tsome terms\n" for wnid in wnids))
    return str(folder / name)


def test_classes_of_a_list_are_cut_into_a_file_for_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    classes, first = listed(tmp_path, CLASSES, "all"), listed(tmp_path, CLASSES[:2], "first")
    output = tmp_path / "folds.json"
    given = ["--classes", classes, "--first", first, "--number", "3", "--seed", "5"]
    assert main(["folds", *given, "--output", str(output)]) == 0
    assert read_class_folds(output) == cut_classes(CLASSES, 3, 5, CLASSES[:2])
    assert "holds 3 folds of 2, 4, 4 classes" in capsys.readouterr().out


def test_classes_of_images_are_those_of_their_folders(tmp_path: Path) -> None:
    for wnid in CLASSES[:4]:
        (tmp_path / "images" / "train" / wnid).mkdir(parents=True)
        (tmp_path / "images" / "train" / wnid / "0.jpg").write_bytes(b"")
    output = tmp_path / "folds.json"
    given = ["--images", str(tmp_path / "images"), "--number", "2"]
    assert main(["folds", *given, "--output", str(output)]) == 0
    found = json.loads(output.read_text())
    assert sorted(wnid for group in found["folds"] for wnid in group) == CLASSES[:4]


@pytest.mark.parametrize("given", [[], ["--classes", "a", "--images", "b"]])
def test_a_list_or_images_are_asked_for(
    given: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["folds", *given, "--output", "folds.json"]) == 2
    assert "error: Give either --classes" in capsys.readouterr().err


def test_images_whose_names_tell_no_class_need_a_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "train.parquet").write_bytes(b"")
    assert main(["folds", "--images", str(tmp_path), "--output", "folds.json"]) == 2
    assert "has no class folders or tars: give a list with --classes" in capsys.readouterr().err
