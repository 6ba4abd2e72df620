from pathlib import Path

import pytest

from components.shared.storage import store


@pytest.fixture(params=["local", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "local" else request.getfixturevalue("s3")


def put(uri: str, content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "to-upload"
    file.write_bytes(content)
    store.upload(file, uri)
    file.unlink()


def read(uri: str) -> bytes:
    with store.open_read(uri) as stream:
        return stream.read()


def test_what_is_uploaded_is_read_back(root: str, tmp_path: Path) -> None:
    put(f"{root}/a/b.bin", b"content", tmp_path)
    assert read(f"{root}/a/b.bin") == b"content"
    assert store.exists(f"{root}/a/b.bin")
    assert store.exists(f"{root}/a")
    assert not store.exists(f"{root}/a/b.bi")


def test_a_later_upload_replaces_an_earlier_one_and_changes_its_state(
    root: str, tmp_path: Path
) -> None:
    put(f"{root}/x", b"one", tmp_path)
    before = store.state_of(f"{root}/x")
    put(f"{root}/x", b"other", tmp_path)
    assert read(f"{root}/x") == b"other"
    assert store.state_of(f"{root}/x") != before


def test_a_folder_stands_for_all_files_below_it_sorted(root: str, tmp_path: Path) -> None:
    for name in ("f/b.txt", "f/a/c.txt", "g/d.txt"):
        put(f"{root}/{name}", b"x", tmp_path)
    assert store.list_files(f"{root}/f") == [f"{root}/f/a/c.txt", f"{root}/f/b.txt"]
    assert store.list_files(f"{root}/f/b.txt") == [f"{root}/f/b.txt"]


def test_a_pattern_stands_for_what_it_matches(root: str, tmp_path: Path) -> None:
    for name in ("p/a.txt", "p/b.txt", "p/c.bz2"):
        put(f"{root}/{name}", b"x", tmp_path)
    assert store.list_files(f"{root}/p/*.txt") == [f"{root}/p/a.txt", f"{root}/p/b.txt"]


def test_a_name_that_only_begins_like_another_is_not_below_it(root: str, tmp_path: Path) -> None:
    put(f"{root}/data-old/a", b"x", tmp_path)
    with pytest.raises(ValueError, match="names no file"):
        store.list_files(f"{root}/data")


def test_a_range_is_read_without_the_rest(root: str, tmp_path: Path) -> None:
    put(f"{root}/r", bytes(range(100)), tmp_path)
    assert store.read_range(f"{root}/r", 10, 5) == bytes(range(10, 15))


def test_download_and_delete(root: str, tmp_path: Path) -> None:
    put(f"{root}/d", b"data", tmp_path)
    store.download(f"{root}/d", tmp_path / "copy" / "d")
    assert (tmp_path / "copy" / "d").read_bytes() == b"data"
    store.delete(f"{root}/d")
    store.delete(f"{root}/d")
    assert not store.exists(f"{root}/d")


def test_what_is_not_there_is_named(root: str) -> None:
    with pytest.raises(ValueError, match=r"missing\.txt"), store.open_read(f"{root}/missing.txt"):
        pass
    with pytest.raises(ValueError, match=r"nothing-\*"):
        store.list_files(f"{root}/nothing-*")


def test_an_s3_address_without_credentials_says_which_variables_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(ValueError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        store.exists("s3://bucket/key")


def test_a_broken_endpoint_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:9000")
    with pytest.raises(ValueError, match="AWS_ENDPOINT_URL is 'localhost:9000'"):
        store.exists("s3://bucket/key")


def test_an_address_without_a_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="names no bucket"):
        store.exists("s3://")


def test_records_of_parameters_keep_no_signature_of_a_web_address() -> None:
    values = {
        "images_uri": "https://user:word@host/images.tar?X-Signature=abc",
        "corpus_uris": ["s3://corpora/dump?.bz2", "http://host/dump.bz2?token=abc"],
        "evaluate_zero_shot_sets": ("unseen", "mine=https://host/mine.txt?token=abc"),
        "seed": 3,
    }
    assert store.without_secrets(values) == {
        "images_uri": "https://host/images.tar",
        "corpus_uris": ["s3://corpora/dump?.bz2", "http://host/dump.bz2"],
        "evaluate_zero_shot_sets": ["unseen", "mine=https://host/mine.txt"],
        "seed": 3,
    }
