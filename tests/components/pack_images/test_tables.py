from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.pack_images.tables import list_tables

TENCH, GOLDFISH = "n01440764", "n01443537"
TERMS = {TENCH: ["tench"], GOLDFISH: ["goldfish"]}


def table(file: Path, labels: list[Any], names: list[str]) -> str:
    images = [{"bytes": b"x", "path": name} for name in names]
    pq.write_table(pa.table({"image": images, "label": labels}), file)
    return str(file)


def test_rows_are_numbered_over_the_files_of_a_split(tmp_path: Path) -> None:
    first = table(tmp_path / "0", ["tench", "tench"], ["a.jpg", "a.jpg"])
    second = table(tmp_path / "1", [GOLDFISH, "goldfish"], ["", "b.jpg"])
    found = list(list_tables([("train", first), ("train", second), ("val", second)], TERMS))
    assert [(source.path, source.uri, source.row) for source in found] == [
        (f"train/{TENCH}/a.jpg", first, 0),
        (f"train/{TENCH}/00000001-a.jpg", first, 1),
        (f"train/{GOLDFISH}/00000002", second, 0),
        (f"train/{GOLDFISH}/b.jpg", second, 1),
        (f"val/{GOLDFISH}/00000000", second, 0),
        (f"val/{GOLDFISH}/b.jpg", second, 1),
    ]


def test_a_list_gives_the_classes_of_numbers(tmp_path: Path) -> None:
    file = table(tmp_path / "0", [1, 0], ["a.jpg", "b.jpg"])
    found = list_tables([("train", file)], {}, [TENCH, GOLDFISH], "/list")
    assert [source.wnid for source in found] == [GOLDFISH, TENCH]


def test_numbers_beyond_the_list_or_without_one_are_refused(tmp_path: Path) -> None:
    file = table(tmp_path / "0", [2], ["a.jpg"])
    with pytest.raises(ValueError, match="row 0 has the label 2: allowed is from 0 to 1"):
        list(list_tables([("train", file)], {}, [TENCH, GOLDFISH], "/list"))
    with pytest.raises(ValueError, match="labels in 'label' are numbers without names"):
        list(list_tables([("train", file)], TERMS))
