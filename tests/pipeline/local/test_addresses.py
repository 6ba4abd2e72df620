from pathlib import Path
from typing import Any

import pytest

from components.shared.settings.table import defaults
from pipeline.local.addresses import addresses, local_addresses

GIVEN: dict[str, Any] = {
    "taxonomy_uri": "t",
    "corpus_uris": ["text/*.txt", "s3://bucket/text"],
    "images_uri": "https://host/images.tar",
    "evaluate_zero_shot_sets": ["unseen", "2-hop", "mine=lists/mine.txt"],
    "devise_variants": ["devise_l2: devise_loss=l2", "devise_given: labels_vectors_uri=v.npz"],
}


def test_local_addresses_are_made_absolute_and_others_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    filled = local_addresses({**defaults(), **GIVEN}, tmp_path / "out")
    assert filled["taxonomy_uri"] == f"{tmp_path}/t"
    assert filled["corpus_uris"] == [f"{tmp_path}/text/*.txt", "s3://bucket/text"]
    assert filled["images_uri"] == "https://host/images.tar"
    assert filled["evaluate_zero_shot_sets"] == [
        "unseen", "2-hop", f"mine={tmp_path}/lists/mine.txt",
    ]  # fmt: skip
    assert filled["devise_variants"] == [
        "devise_l2: devise_loss=l2", f"devise_given: labels_vectors_uri={tmp_path}/v.npz",
    ]  # fmt: skip
    assert filled["skipgram_pretrained_uri"] == ""


def test_what_is_written_goes_into_the_runs_folder_where_nothing_else_is_said(
    tmp_path: Path,
) -> None:
    filled = local_addresses({**defaults(), "checkpoints_uri": "s3://b/c"}, tmp_path)
    assert filled["checkpoints_uri"] == "s3://b/c"
    assert filled["images_store_uri"] == f"{tmp_path}/images"


@pytest.mark.parametrize(("weights", "found"), [("DEFAULT", "DEFAULT"), ("w.pth", "/w.pth")])
def test_names_of_weights_are_no_addresses(weights: str, found: str) -> None:
    filled = local_addresses({**defaults(), "visual_pretrained": weights}, Path("out"))
    assert str(filled["visual_pretrained"]).endswith(found)


def test_every_address_is_found_by_what_is_done_with_it() -> None:
    values = {**defaults(), **GIVEN, "checkpoints_uri": "out"}
    assert addresses(values, "written") == ["out"]
    assert set(addresses(values, "read")) == {
        *("t", "text/*.txt", "s3://bucket/text", "https://host/images.tar", "lists/mine.txt"),
        "v.npz",
    }
