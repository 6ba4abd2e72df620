from pathlib import Path
from typing import Any

import pytest

from components.open_run.sources import source_states
from components.shared.settings.table import defaults


def values(folder: Path, **more: Any) -> dict[str, Any]:
    for name in ("taxonomy", "text", "images/val/n1"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "taxonomy" / "words.txt").write_text("n1\tword\n")
    (folder / "taxonomy" / "imagenet.structure.txt").write_text("n1 n2\n")
    (folder / "text" / "a.txt").write_text("a word")
    (folder / "images" / "val" / "n1" / "1.jpg").write_text("an image")
    given = {
        "taxonomy_uri": str(folder / "taxonomy"),
        "corpus_uris": [str(folder / "text")],
        "images_uri": str(folder / "images"),
    }
    return {**defaults(), **given, **more}


def test_the_same_data_have_the_same_state(tmp_path: Path) -> None:
    given = values(tmp_path)
    assert source_states(given) == source_states({**given, "seed": 1})


@pytest.mark.parametrize(
    ("file", "group"),
    [
        ("taxonomy/words.txt", "taxonomy"),
        ("text/b.txt", "corpus"),
        ("images/val/n1/2.jpg", "images"),
    ],
)
def test_new_content_behind_an_address_is_another_state_of_that_source_alone(
    tmp_path: Path, file: str, group: str
) -> None:
    given = values(tmp_path)
    before = source_states(given)
    (tmp_path / file).write_text("something else, longer than before")
    after = source_states(given)
    assert {name for name in before if before[name] != after[name]} == {group}


def test_lists_weights_and_vectors_are_sources_too(tmp_path: Path) -> None:
    made = (
        "list.txt",
        "vectors.bin",
        "weights.pth",
        "classes.txt",
        "truth.txt",
        "a.npz",
        "b.npz",
        "gloss.txt",
    )
    for name in made:
        (tmp_path / name).write_text(name)
    states = source_states(
        values(
            tmp_path,
            evaluate_zero_shot_sets=["unseen", f"mine={tmp_path}/list.txt"],
            labels_vectors_uri=f"{tmp_path}/a.npz",
            labels_glosses_uri=f"{tmp_path}/gloss.txt",
            devise_variants=[f"b: labels_vectors_uri={tmp_path}/b.npz"],
            skipgram_pretrained_uri=f"{tmp_path}/vectors.bin",
            visual_pretrained=f"{tmp_path}/weights.pth",
            visual_pretrained_classes_uri=f"{tmp_path}/classes.txt",
            images_ground_truth_uri=f"{tmp_path}/truth.txt",
        )
    )
    labels = {f"{tmp_path}/{name}" for name in ("list.txt", "a.npz", "b.npz", "gloss.txt")}
    assert set(states["labels"]) == labels
    assert set(states["skipgram"]) == {f"{tmp_path}/vectors.bin"}
    assert set(states["visual"]) == {f"{tmp_path}/weights.pth", f"{tmp_path}/classes.txt"}
    assert f"{tmp_path}/truth.txt" in states["images"]


def test_weights_that_torchvision_names_are_no_source_of_ours(tmp_path: Path) -> None:
    assert source_states(values(tmp_path, visual_pretrained="DEFAULT"))["visual"] == {}


def test_a_source_that_is_gone_is_refused_by_its_address(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="nowhere"):
        source_states(values(tmp_path, images_ground_truth_uri=f"{tmp_path}/nowhere"))
