import json
from pathlib import Path

import pytest

from components.shared.settings.class_folds import read_class_folds

A, B, C = "n00000001", "n00000002", "n00000003"


def written(folder: Path, content: object) -> Path:
    file = folder / "folds.json"
    file.write_text(json.dumps(content))
    return file


def test_a_list_is_read_as_it_was_written(tmp_path: Path) -> None:
    found = read_class_folds(written(tmp_path, {"seed": 3, "folds": [[A, B], [C]]}))
    assert (found.seed, found.folds) == (3, ((A, B), (C,)))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"seed": 0, "folds": [[A], [A]]}, f"has the class {A} twice"),
        ({"seed": 0, "folds": [[A], ["x"]]}, "is no fold list (folds/1/0: "),
        ({"seed": 0, "folds": [[A], []]}, "is no fold list (folds/1: "),
        ({"seed": 0, "folds": [[A]]}, "is no fold list (folds: "),
        ([[A], [B]], "is no fold list ("),
        ({"folds": [[A], [B]]}, "is no fold list (seed: Field required)"),
    ],
)
def test_another_list_is_refused_with_what_is_wrong(
    tmp_path: Path, content: object, message: str
) -> None:
    with pytest.raises(ValueError, match=r"folds\.json ") as caught:
        read_class_folds(written(tmp_path, content))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_not_there_or_no_json_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"folds\.json cannot be read \(No such file"):
        read_class_folds(tmp_path / "folds.json")
    (tmp_path / "folds.json").write_text("n00000001\n")
    with pytest.raises(ValueError, match=r"is no fold list \(Invalid JSON"):
        read_class_folds(tmp_path / "folds.json")
