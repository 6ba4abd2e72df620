import bz2
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.data.quickstart import CLASSES, MARKER, write_quickstart_data
from pipeline.data.quickstart_classes import INNER, KINDS, UNSEEN, edges, terms
from pipeline.data.quickstart_images import IMAGES, draw


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quickstart") / "data"
    write_quickstart_data(folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def unpacked(path: Path) -> str:
    return bz2.decompress(path.read_bytes()).decode()


def all_text(data: Path) -> str:
    texts = [path.read_text() for path in sorted((data / "text").glob("*.txt"))]
    texts += [unpacked(path) for path in sorted((data / "text").glob("*.bz2"))]
    return "\n".join(texts).lower()


def test_every_class_has_its_images_in_both_splits(data: Path) -> None:
    for split, count in IMAGES.items():
        folders = sorted(path.name for path in (data / "images" / split).iterdir())
        assert folders == sorted(CLASSES)
        assert {len(list((data / "images" / split / wnid).iterdir())) for wnid in folders} == {
            count
        }


def test_an_image_is_a_small_colour_jpeg(data: Path) -> None:
    path = next((data / "images" / "train" / CLASSES[0]).iterdir())
    with Image.open(path) as image:
        assert (image.format, image.size, image.mode) == ("JPEG", (64, 64), "RGB")


def test_images_of_a_class_differ() -> None:
    pictures = [np.asarray(draw(KINDS[0], np.random.default_rng(i))) for i in range(2)]
    assert np.abs(pictures[0].astype(float) - pictures[1]).mean() > 5


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


def test_one_term_stands_for_two_synsets() -> None:
    firsts = [names[0] for _, names in terms()]
    assert [name for name in sorted(set(firsts)) if firsts.count(name) == 2] == ["crane"]


def test_the_text_speaks_of_every_class_but_one(data: Path) -> None:
    text = all_text(data)
    silent = [k for k in KINDS if not any(term.lower() in text for term in k.terms)]
    by_words = [k.terms[0] for k in silent if all(w in text for w in k.terms[0].lower().split())]
    assert [k.terms[0] for k in silent if k.terms[0] not in by_words] == ["edelweiss"]
    # Its term never stands as a whole, but both of its words do.
    assert by_words == ["golden pheasant"]


def test_a_synonym_stands_in_for_a_first_term_that_the_text_never_uses(data: Path) -> None:
    text = all_text(data)
    assert "american robin" not in text
    assert text.count("robin") > 100


def test_the_wiki_file_is_laid_out_as_wikiextractor_does(data: Path) -> None:
    text = unpacked(data / "text" / "wiki_00.bz2")
    assert text.startswith('<doc id="1" url="')
    assert text.count("<doc ") == text.count("</doc>\n") > 1000


def test_held_out_classes_are_classes_that_the_text_names(data: Path) -> None:
    assert len(set(UNSEEN)) == 6
    assert set(UNSEEN) < set(CLASSES)
    assert all(kind.spoken for kind in KINDS if kind.wnid in UNSEEN)


def test_every_attribute_of_a_held_out_class_is_seen_in_others() -> None:
    seen = [kind for kind in KINDS if kind.wnid not in UNSEEN]
    for kind in KINDS:
        assert kind.family in {other.family for other in seen}
        assert kind.colour in {other.colour for other in seen}
        assert kind.pattern in {other.pattern for other in seen}


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


def test_an_unfinished_folder_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.data.quickstart_images.IMAGES", {"train": 1, "val": 1})
    (tmp_path / "data" / "text").mkdir(parents=True)
    (tmp_path / "data" / MARKER).write_text("{}")
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
