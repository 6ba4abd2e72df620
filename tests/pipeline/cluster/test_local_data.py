from pathlib import Path
from typing import Any

import pytest

from components.shared.settings.table import defaults
from components.shared.storage import store
from pipeline.cluster.local_data import refuse_local, upload_data, uploaded_values

THERE: dict[str, Any] = {
    "taxonomy_uri": "s3://b/t",
    "corpus_uris": ["s3://b/text", "https://host/text.bz2"],
    "images_uri": "s3://b/i",
    "checkpoints_uri": "s3://b/c",
    "images_store_uri": "s3://b/p",
}


@pytest.fixture
def world(tmp_path: Path) -> dict[str, Any]:
    """Values that name files of this machine."""
    for name in ("taxonomy/words.txt", "text/a.txt", "text/b.bz2", "text/c.md", "more/text/a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return {
        **defaults(),
        "taxonomy_uri": f"{tmp_path}/taxonomy",
        "corpus_uris": [f"{tmp_path}/{uri}" for uri in ("text/*.txt", "text/*.bz2", "more/text")],
        "images_uri": "s3://b/i",
        "evaluate_zero_shot_sets": [f"mine={tmp_path}/taxonomy/words.txt"],
    }  # fmt: skip


def test_what_a_cluster_can_reach_is_allowed() -> None:
    refuse_local({**defaults(), **THERE})


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"images_uri": "data/i"}, "images_uri is 'data/i', a path of this machine.*or --upload-d"),
        ({"corpus_uris": ["s3://b/t", "/text"]}, "corpus_uris is '/text', a path"),
        ({"checkpoints_uri": "/tmp/c"}, "checkpoints_uri is '/tmp/c'.*: give an s3:// address.$"),
        ({"images_store_uri": ""}, "images_store_uri is empty: on a cluster give an s3://"),
    ],
)
def test_a_path_of_this_machine_is_refused(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        refuse_local({**defaults(), **THERE, **values})


def test_each_address_keeps_its_place_below_the_prefix(world: dict[str, Any]) -> None:
    found = uploaded_values(world, "s3://b/p")
    assert found["taxonomy_uri"] == "s3://b/p/taxonomy"
    assert found["corpus_uris"] == [
        "s3://b/p/text/*.txt", "s3://b/p/text/*.bz2", "s3://b/p/more/text",
    ]  # fmt: skip
    assert found["images_uri"] == "s3://b/i"
    assert found["evaluate_zero_shot_sets"] == ["mine=s3://b/p/taxonomy/words.txt"]
    assert found["checkpoints_uri"] == "s3://b/p/checkpoints"
    assert found["images_store_uri"] == "s3://b/p/packed"


def test_a_prefix_elsewhere_is_refused(world: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"--upload-data is '/tmp': give s3://bucket/prefix."):
        uploaded_values(world, "/tmp")


def test_files_are_found_where_the_new_addresses_say(world: dict[str, Any], s3: str) -> None:
    upload_data(world, s3, lambda _: None)
    found = uploaded_values(world, s3)
    files = [file for uri in found["corpus_uris"] for file in store.list_files(uri)]  # type: ignore[union-attr]
    assert files == [f"{s3}/text/a.txt", f"{s3}/text/b.bz2", f"{s3}/more/text/a.txt"]
    with store.open_read(f"{s3}/taxonomy/words.txt") as file:
        assert file.read() == b"taxonomy/words.txt"


def test_what_is_there_with_equal_size_is_not_sent_again(world: dict[str, Any], s3: str) -> None:
    upload_data(world, s3, lambda _: None)
    (Path(world["taxonomy_uri"]) / "words.txt").write_text("another length")
    said: list[str] = []
    upload_data(world, s3, said.append)
    sent = [line.split(": ")[1].split(",")[0] for line in said if "files to upload" in line]
    assert sent == ["1 of 1 files to upload", *["0 of 1 files to upload"] * 4]


def test_what_was_removed_here_and_lies_there_still_is_refused(
    world: dict[str, Any], s3: str
) -> None:
    store.upload(Path(world["taxonomy_uri"]) / "words.txt", f"{s3}/text/notes.md")
    upload_data(world, s3, lambda _: None)
    gone = Path(world["taxonomy_uri"]).parent / "text" / "a.txt"
    gone.with_name("d.txt").write_text("another")
    gone.unlink()
    said = rf"/text/\*\.txt: {s3}/text/a\.txt is not on this machine \(1 such files\), and the run"
    with pytest.raises(ValueError, match=said):
        upload_data(world, s3, lambda _: None)
    assert not store.exists(f"{s3}/text/d.txt")
