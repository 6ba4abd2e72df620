import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from components.shared.networks.small_resnet import small_resnet18
from components.shared.settings.preflight import check_before_start
from components.shared.settings.table import defaults
from components.shared.storage import store

WNIDS = [f"n0000000{number}" for number in (1, 2, 3)]


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    """Every setting, of sources that are there."""
    (tmp_path / "words.txt").write_text("".join(f"{wnid}\tterm {wnid}\n" for wnid in WNIDS))
    (tmp_path / "edges.txt").write_text(f"{WNIDS[0]} {WNIDS[1]}\n")
    (tmp_path / "text").mkdir()
    (tmp_path / "text" / "part.txt").write_text("a text")
    (tmp_path / "images" / "train" / WNIDS[0]).mkdir(parents=True)
    (tmp_path / "images" / "train" / WNIDS[0] / "1.jpg").write_bytes(b"bytes")
    given = {
        "taxonomy_uri": str(tmp_path),
        "taxonomy_edges": "edges.txt",
        "corpus_uris": [str(tmp_path / "text" / "*.txt")],
        "images_uri": str(tmp_path / "images"),
        "images_unseen": [WNIDS[2]],
    }
    return {**defaults(), **given}


def test_sources_that_are_there_and_classes_that_are_known_pass(values: dict[str, Any]) -> None:
    check_before_start(values)


def test_what_is_wrong_among_the_settings_is_told_first(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="seed is -1"):
        check_before_start({**values, "seed": -1, "images_uri": "nowhere"})


@pytest.mark.parametrize(
    "name",
    [
        "taxonomy_uri", "images_uri", "images_ground_truth_uri", "skipgram_pretrained_uri",
        "visual_pretrained", "labels_vectors_uri", "labels_glosses_uri",
    ],
)  # fmt: skip
def test_a_source_that_is_not_there_is_refused_by_its_settings_name(
    values: dict[str, Any], tmp_path: Path, name: str
) -> None:
    text = {"labels_vectors_trained_on": "text" if name == "labels_vectors_uri" else "none"}
    with pytest.raises(ValueError, match=f"{name}: .*nowhere"):
        check_before_start({**values, **text, name: f"{tmp_path}/nowhere"})


def test_label_vectors_of_a_variant_must_be_there_too(
    values: dict[str, Any], tmp_path: Path
) -> None:
    own = f"labels_vectors_uri={tmp_path}/nowhere.npz labels_vectors_trained_on=text"
    with pytest.raises(ValueError, match=r"devise_variants: .*nowhere\.npz"):
        check_before_start({**values, "devise_variants": [f"devise_given: {own}"]})


def test_every_text_must_be_there(values: dict[str, Any], tmp_path: Path) -> None:
    texts = [*values["corpus_uris"], f"{tmp_path}/text/*.bz2"]
    with pytest.raises(ValueError, match=r"corpus_uris: .*\*\.bz2"):
        check_before_start({**values, "corpus_uris": texts})


@pytest.mark.parametrize("name", ["words.txt", "edges.txt"])
def test_a_taxonomy_needs_its_words_and_its_edges(
    values: dict[str, Any], tmp_path: Path, name: str
) -> None:
    (tmp_path / name).unlink()
    with pytest.raises(ValueError, match=f"taxonomy_uri: .*{name}"):
        check_before_start(values)


def test_a_hierarchy_with_terms_of_its_own_needs_no_words(
    values: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "words.txt").unlink()
    synsets = "".join(f'<synset wnid="{wnid}" words="a term"/>' for wnid in WNIDS)
    (tmp_path / "structure.xml").write_text(f"<ImageNetStructure>{synsets}</ImageNetStructure>")
    check_before_start({**values, "taxonomy_edges": "structure.xml"})


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"images_unseen": ["n00000009"]}, "images_unseen names n00000009, which the taxonomy"),
        (
            {"images_classes": [*WNIDS, "n00000008", "n00000009"]},
            r"images_classes names n00000008, which .* lacks \(2 such\): correct the list",
        ),
    ],
)
def test_a_class_that_the_taxonomy_lacks_is_refused(
    values: dict[str, Any], given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        check_before_start({**values, **given})


def test_a_list_of_a_zero_shot_set_must_be_there_and_name_known_classes(
    values: dict[str, Any], tmp_path: Path
) -> None:
    given = {**values, "evaluate_zero_shot_sets": ["unseen", f"own={tmp_path}/own.txt"]}
    with pytest.raises(ValueError, match=r"evaluate_zero_shot_sets: .*own\.txt"):
        check_before_start(given)
    (tmp_path / "own.txt").write_text(f"{WNIDS[2]}\n\n")
    check_before_start(given)
    (tmp_path / "own.txt").write_text("n00000009\n")
    with pytest.raises(ValueError, match=r"sets: .*own\.txt, line 1: n00000009 is not in the taxo"):
        check_before_start(given)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (f"{WNIDS[2]}\ttiger shark", "line 2: .* is not in the taxonomy"),
        (WNIDS[1], f"line 2: {WNIDS[1]} stands there twice"),
        (WNIDS[0], f"line 2: {WNIDS[0]} is a seen class; add it to images_unseen"),
    ],
)
def test_a_line_that_map_synsets_would_refuse_is_refused_before_a_run(
    values: dict[str, Any], tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "own.txt").write_text(f"{WNIDS[1]}\n{line}\n")
    given = {"images_classes": WNIDS, "images_unseen": WNIDS[1:]}
    sets = {"evaluate_zero_shot_sets": [f"own={tmp_path}/own.txt"]}
    with pytest.raises(ValueError, match=rf"evaluate_zero_shot_sets: .*own\.txt, {message}"):
        check_before_start({**values, **given, **sets})


def test_a_class_that_may_be_unseen_by_nature_is_not_taken_for_a_seen_one(
    values: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "own.txt").write_text(f"{WNIDS[1]}\n")
    given = {"images_classes": WNIDS, "images_zero_shot_splits": ["fall11"]}
    sets = {"evaluate_zero_shot_sets": [f"own={tmp_path}/own.txt"]}
    check_before_start({**values, **given, **sets})


def test_weights_that_saw_a_zero_shot_class_are_refused_unless_it_is_allowed(
    values: dict[str, Any], tmp_path: Path
) -> None:
    torch.manual_seed(0)
    save_file(small_resnet18(2).state_dict(), tmp_path / "weights.safetensors")
    (tmp_path / "classes.txt").write_text(f"{WNIDS[0]}\n{WNIDS[2]}\n")
    given = {
        **values,
        "visual_architecture": "small_resnet18",
        "visual_pretrained": f"{tmp_path}/weights.safetensors",
        "visual_pretrained_classes_uri": f"{tmp_path}/classes.txt",
    }
    with pytest.raises(ValueError, match=WNIDS[2]):
        check_before_start(given)
    check_before_start({**given, "visual_allow_unseen_overlap": True})


def test_a_network_of_timms_where_timm_is_away_is_refused(
    values: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "timm", None)
    with pytest.raises(ValueError, match="timm:resnet18', and the package timm is not installed"):
        check_before_start({**values, "visual_architecture": "timm:resnet18"})


@pytest.mark.parametrize("name", ["team/devise", "models:devise", " ", ".."])
def test_a_model_name_that_mlflow_does_not_take_is_refused(
    values: dict[str, Any], name: str
) -> None:
    with pytest.raises(ValueError, match=r"register_model_name is .*, which MLflow does not take"):
        check_before_start({**values, "register_model_name": name})


@pytest.mark.parametrize("first", ["9 16\n", ""])
def test_vectors_of_another_dimension_are_refused_by_their_beginning(
    values: dict[str, Any], tmp_path: Path, first: str
) -> None:
    (tmp_path / "vectors.txt").write_text(f"{first}a {'0.5 ' * 16}\n")
    given = {**values, "skipgram_pretrained_uri": f"{tmp_path}/vectors.txt", "skipgram_dim": 8}
    with pytest.raises(ValueError, match=r"vectors\.txt has vectors of 16 .* set skipgram_dim=16"):
        check_before_start(given)
    check_before_start({**given, "skipgram_dim": 16})


@pytest.mark.parametrize("name", ["checkpoints_uri", "images_store_uri"])
def test_nothing_is_to_be_written_to_a_web_server(values: dict[str, Any], name: str) -> None:
    address = "https://me:hunter2@host/x?sig=1"
    with pytest.raises(ValueError, match=f"{name}: .*host/x.* can only be read") as told:
        check_before_start({**values, name: address})
    assert "hunter2" not in str(told.value)


def test_images_on_a_web_server_are_a_file(values: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"images_uri: .*lists no folders: give .*\.tar or"):
        check_before_start({**values, "images_uri": "http://127.0.0.1:9/images"})


@pytest.mark.parametrize("has_torch", [True, False])
def test_a_checkpoint_is_read_where_there_is_torch_and_never_empty(
    values: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_torch: bool
) -> None:
    (tmp_path / "classes.txt").write_text(f"{WNIDS[0]}\n")
    (tmp_path / "weights.pth").write_bytes(b"")
    given = {
        **values,
        "visual_pretrained": f"{tmp_path}/weights.pth",
        "visual_pretrained_classes_uri": f"{tmp_path}/classes.txt",
    }
    if not has_torch:
        monkeypatch.setattr("components.shared.settings.preflight.find_spec", lambda _: None)
    with pytest.raises(ValueError, match=r"weights\.pth is empty"):
        check_before_start(given)
    (tmp_path / "weights.pth").write_bytes(b"no weights")
    if not has_torch:
        check_before_start(given)
        return
    with pytest.raises(ValueError, match=r"weights\.pth is no safetensors file and no state dict"):
        check_before_start(given)


def test_sources_in_object_storage_are_looked_for_there(
    values: dict[str, Any], tmp_path: Path, s3: str
) -> None:
    store.upload(tmp_path / "text" / "part.txt", f"{s3}/text/part.txt")
    check_before_start({**values, "corpus_uris": [f"{s3}/text"]})
    with pytest.raises(ValueError, match=r"corpus_uris: .*nothing"):
        check_before_start({**values, "corpus_uris": [f"{s3}/nothing"]})


@pytest.mark.parametrize("name", ["checkpoints_uri", "images_store_uri"])
def test_a_bucket_that_cannot_be_written_to_is_found_before_the_work(
    values: dict[str, Any], s3: str, name: str
) -> None:
    check_before_start({**values, name: f"{s3}/state"})
    with pytest.raises(ValueError, match=rf"{name}: 's3://nowhere/state': .*make the bucket"):
        check_before_start({**values, name: "s3://nowhere/state"})
