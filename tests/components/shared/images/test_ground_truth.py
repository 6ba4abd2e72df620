from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from components.shared.images.ground_truth import read_ground_truth, read_wnids
from components.shared.storage import store

IMAGES = [f"val/ILSVRC2012_val_0000000{number}.JPEG" for number in (1, 2, 3)]
WNIDS = ["n01440764", "n01443537", "n01440764"]
KAGGLE = """ImageId,PredictionString
ILSVRC2012_val_00000002,n01443537 85 1 499 272 n01443537 1 2 3 4
ILSVRC2012_val_00000001,n01440764 85 1 499 272
ILSVRC2012_val_00000003,n01440764 1 1 4 2
"""
LINES = "".join(f"{Path(i).name} {w}\n" for i, w in zip(IMAGES, WNIDS, strict=True))


def write(folder: Path, text: str) -> str:
    (folder / "list.txt").write_text(text)
    return str(folder / "list.txt")


def write_meta(folder: Path, **more: object) -> None:
    kind = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    rows = [(1, "n01440764", "tench", 0), (2, "n01443537", "goldfish", 0), (3, "n02512053", "f", 2)]
    savemat(folder / "meta.mat", {"synsets": np.array(rows, kind)[:, None], **more})


@pytest.mark.parametrize(
    "text", ["\n".join(WNIDS), "\ufeff" + "\r\n".join([*WNIDS, "", ""]), KAGGLE, LINES]
)
def test_the_forms_of_a_list_give_the_same_classes(tmp_path: Path, text: str) -> None:
    assert read_ground_truth(write(tmp_path, text), IMAGES).classes == WNIDS


@pytest.mark.parametrize("text", [KAGGLE, LINES])
def test_images_of_a_list_that_are_not_there_are_named(tmp_path: Path, text: str) -> None:
    found = read_ground_truth(write(tmp_path, text), IMAGES[1:2])
    assert found.classes == WNIDS[1:2]
    assert found.without_image == ["ILSVRC2012_val_00000001", "ILSVRC2012_val_00000003"]
    assert not read_ground_truth(write(tmp_path, text), IMAGES).without_image


def test_the_numbers_of_the_development_kit_are_read_with_its_meta_mat(tmp_path: Path) -> None:
    write_meta(tmp_path)
    assert read_ground_truth(write(tmp_path, "1\n2\n1\n"), IMAGES).classes == WNIDS


def test_a_list_in_object_storage_is_read(tmp_path: Path, s3: str) -> None:
    write_meta(tmp_path)
    store.upload(tmp_path / "meta.mat", f"{s3}/meta.mat")
    store.upload(Path(write(tmp_path, "1\n2\n1\n")), f"{s3}/list.txt")
    assert read_ground_truth(f"{s3}/list.txt", IMAGES).classes == WNIDS


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "list.txt has no line: give instead a list of wnids"),
        ("n01440764\n", "has 1 classes for 3 images, from val/ILSVRC2012_val_00000001.JPEG on"),
        ("n01440764\nn0144\nn01440764", "line 2: 'n0144' is no wnid such as n01440764: correct"),
        ("tench\n", "line 1: 'tench' is no wnid such as n01440764: give instead"),
        (LINES.replace("n01443537", "65"), "line 2: '65' is no wnid"),
        (LINES.splitlines()[0], "no line for the image val/ILSVRC2012_val_00000002.JPEG: add one"),
        (LINES + LINES.replace(WNIDS[1], WNIDS[0]), "line 5: .* has another class above: keep one"),
        ("1\n2\n1\n", r"holds class numbers, whose meaning is in meta\.mat, which is not beside"),
    ],
)
def test_a_list_that_does_not_fit_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_ground_truth(write(tmp_path, text), IMAGES)


@pytest.mark.parametrize("number", ["0", "3", "1001", "x"])
def test_a_number_out_of_range_is_refused(tmp_path: Path, number: str) -> None:
    write_meta(tmp_path)
    with pytest.raises(ValueError, match=f"line 2: '{number}' is no class number of meta.mat, 1 t"):
        read_ground_truth(write(tmp_path, f"1\n{number}\n1\n"), IMAGES)


@pytest.mark.parametrize("content", [b"", b"no mat", b"MATLAB 7.3 MAT-file" + b" " * 200])
def test_a_broken_meta_mat_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "meta.mat").write_bytes(content)
    with pytest.raises(ValueError, match=r"but .*meta\.mat is unreadable: give instead a list"):
        read_ground_truth(write(tmp_path, "1\n2\n1\n"), IMAGES)


def test_a_meta_mat_of_something_else_is_refused(tmp_path: Path) -> None:
    savemat(tmp_path / "meta.mat", {"synsets": np.arange(3)})
    with pytest.raises(ValueError, match=r"but .*meta\.mat is not the kit's"):
        read_ground_truth(write(tmp_path, "1\n2\n1\n"), IMAGES)


def test_the_wnids_at_the_beginning_of_lines_are_read(tmp_path: Path) -> None:
    text = "n01440764 tench, Tinca tinca\nn01443537 goldfish, Carassius auratus\n"
    assert read_wnids(write(tmp_path, text)) == WNIDS[:2]
