import json
from pathlib import Path

import pytest

from pipeline.data.quickstart import CLASSES, MARKER, write_quickstart_data
from pipeline.data.quickstart_classes import INNER, edges
from pipeline.data.quickstart_images import IMAGES


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quickstart") / "data"
    write_quickstart_data(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_every_class_has_its_images_in_both_splits(data: Path) -> None:
    for split, count in IMAGES.items():
        folders = sorted(path.name for path in (data / "images" / split).iterdir())
        assert folders == sorted(CLASSES)
        assert {len(list((data / "images" / split / wnid).iterdir())) for wnid in folders} == {
            count
        }


def test_every_edge_joins_two_known_nodes_into_one_tree(data: Path) -> None:
    lines = (data / "taxonomy" / "imagenet.structure.txt").read_text().splitlines()
    pairs = [tuple(line.split()) for line in lines]
    nodes = {node for pair in pairs for node in pair}
    assert nodes == set(INNER) | set(CLASSES)
    assert len(set(pairs)) == len(pairs) == len(nodes) - 1
    assert sorted(edges()) == sorted(pairs)


def test_words_give_each_synset_once_and_leave_two_nodes_without_terms(data: Path) -> None:
    lines = (data / "taxonomy" / "words.txt").read_text().splitlines()
    wnids = [line.split("\t")[0] for line in lines]
    assert len(wnids) == len(set(wnids))
    assert len(set(INNER) - set(wnids)) == 2
    assert set(CLASSES) <= set(wnids)


def test_one_seed_gives_the_same_bytes_and_another_gives_others(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.data.quickstart_images.IMAGES", {"train": 1, "val": 1})
    write_quickstart_data(tmp_path / "again")
    write_quickstart_data(tmp_path / "other", seed=1)
    again, other = (contents(tmp_path / name) for name in ("again", "other"))
    first = contents(data)
    assert again == {name: first[name] for name in again}
    drawn = [name for name in other if name.startswith(("text", "images"))]
    assert all(other[name] != again[name] for name in drawn)


def test_a_finished_folder_is_left_as_it_is(data: Path) -> None:
    path = data / "text" / "notes_00.txt"
    before = path.stat().st_mtime_ns
    write_quickstart_data(data)
    assert path.stat().st_mtime_ns == before


@pytest.mark.parametrize("marker", ["{}", "", '{"version": 4, "se'])
def test_an_unfinished_folder_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, marker: str
) -> None:
    monkeypatch.setattr("pipeline.data.quickstart_images.IMAGES", {"train": 1, "val": 1})
    (tmp_path / "data" / "text").mkdir(parents=True)
    (tmp_path / "data" / MARKER).write_text(marker)
    write_quickstart_data(tmp_path / "data", seed=3)
    assert json.loads((tmp_path / "data" / MARKER).read_text())["seed"] == 3
    assert sorted(p.name for p in (tmp_path / "data").iterdir()) == sorted(
        ["images", "text", "taxonomy", MARKER]
    )
    assert [p.name for p in tmp_path.iterdir()] == ["data"]


def test_a_folder_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(ValueError, match="holds files that are not quickstart data"):
        write_quickstart_data(tmp_path)
    assert (tmp_path / "letter.txt").read_text() == "dear"
