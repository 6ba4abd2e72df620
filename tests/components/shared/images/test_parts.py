from pathlib import Path

import pyarrow as pa
import pytest

from components.shared.images.parts import (
    SCHEMA,
    PartFacts,
    read_facts,
    read_parts,
    write_facts,
    writing_images,
)

ROW = {
    "path": "train/n1/a", "uri": "/images", "row": -1, "shard": "/s.shard", "offset": 0,
    "length": 3, "checksum": "ab", "source": b"0" * 16, "reason": "",
}  # fmt: skip


def write(folder: Path, *paths: str, **facts: list[str]) -> Path:
    with writing_images(folder) as writer:
        for path in paths:
            writer.write_table(pa.Table.from_pylist([{**ROW, "path": path}], SCHEMA))
    write_facts(folder, PartFacts(**facts))  # type: ignore[arg-type]
    return folder


def test_parts_are_read_as_one(tmp_path: Path) -> None:
    parts = [
        write(tmp_path / "a", "train/n1/a", "train/n1/b", wnids=["n1"], shards=["a"]),
        write(tmp_path / "b"),
        write(tmp_path / "c", "train/n2/c", wnids=["n2", "n1"], shards=["c"]),
    ]
    rows, facts = read_parts(parts)
    assert rows["path"].to_pylist() == ["train/n1/a", "train/n1/b", "train/n2/c"]
    assert rows.take([0]).to_pylist() == [ROW]
    assert facts == PartFacts(wnids=["n1", "n2"], shards=["a", "c"])


def test_facts_come_back_as_they_were_written(tmp_path: Path) -> None:
    origins, archives = {"train": ["o", "p"]}, {"a.zip": "a"}
    facts = PartFacts(["s"], ["i"], ["n"], ["w"], origins, archives, ["t"], True)
    write_facts(tmp_path, facts)
    assert read_facts(tmp_path) == facts


def test_a_split_has_one_kind_of_source_in_all_parts() -> None:
    facts = PartFacts(origins={"train": ["folders", "here"]})
    facts.add(PartFacts(origins={"train": ["folders", "there"], "val": ["tars", "v"]}))
    assert facts.origins == {"train": ["folders", "here"], "val": ["tars", "v"]}
    with pytest.raises(
        ValueError, match="'train' comes from two sources, here and elsewhere: keep"
    ):
        facts.claim("train", "tars", "elsewhere")
