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
    before = store.states(f"{root}/x")
    put(f"{root}/x", b"other", tmp_path)
    assert read(f"{root}/x") == b"other"
    assert store.states(f"{root}/x") != before


def test_a_folder_stands_for_all_files_below_it_sorted(root: str, tmp_path: Path) -> None:
    for name in ("f/b.txt", "f/a/c.txt", "g/d.txt"):
        put(f"{root}/{name}", b"x", tmp_path)
    assert store.list_files(f"{root}/f") == [f"{root}/f/a/c.txt", f"{root}/f/b.txt"]
    assert store.list_files(f"{root}/f/b.txt") == [f"{root}/f/b.txt"]


def test_each_file_comes_with_its_size(root: str, tmp_path: Path) -> None:
    put(f"{root}/s/a", b"12", tmp_path)
    put(f"{root}/s/b/c", b"123", tmp_path)
    found = store.states(f"{root}/s")
    assert [(state.uri, state.size) for state in found] == [
        (f"{root}/s/a", 2),
        (f"{root}/s/b/c", 3),
    ]
    assert all(state.mark for state in found)
    assert sorted(store.found_files(f"{root}/s")) == [f"{root}/s/a", f"{root}/s/b/c"]
    assert list(store.found_files(f"{root}/none")) == []
    assert store.first_file(f"{root}/s") in (f"{root}/s/a", f"{root}/s/b/c")


def test_a_file_in_two_folders_that_a_pattern_matches_is_listed_once(
    root: str, tmp_path: Path
) -> None:
    put(f"{root}/q/a/b/c.txt", b"x", tmp_path)
    assert store.list_files(f"{root}/q/**") == [f"{root}/q/a/b/c.txt"]


def test_a_pattern_stands_for_what_it_matches(root: str, tmp_path: Path) -> None:
    for name in ("p/a.txt", "p/b.txt", "p/c.bz2"):
        put(f"{root}/{name}", b"x", tmp_path)
    assert store.list_files(f"{root}/p/*.txt") == [f"{root}/p/a.txt", f"{root}/p/b.txt"]


@pytest.mark.parametrize("name", ["run[1]", "a*", "what?"])
def test_what_is_there_by_a_name_is_no_pattern(root: str, tmp_path: Path, name: str) -> None:
    for folder in (name, "run1", "ab", "whats"):
        put(f"{root}/named/{folder}/x/b.txt", folder.encode(), tmp_path)
    folder = f"{root}/named/{name}"
    assert store.list_files(folder) == [f"{folder}/x/b.txt"]
    assert store.first_file(folder) == f"{folder}/x/b.txt"
    assert store.size(f"{folder}/x/b.txt") == len(name)
    with store.open_seekable(f"{folder}/x/b.txt") as stream:
        assert stream.read() == name.encode()


def test_a_name_that_only_begins_like_another_is_not_below_it(root: str, tmp_path: Path) -> None:
    put(f"{root}/data-old/a", b"x", tmp_path)
    with pytest.raises(ValueError, match="names no file"):
        store.list_files(f"{root}/data")


def test_a_range_is_read_without_the_rest(root: str, tmp_path: Path) -> None:
    put(f"{root}/r", bytes(range(100)), tmp_path)
    assert store.read_range(f"{root}/r", 10, 5) == bytes(range(10, 15))


def test_a_file_can_be_sought_in(root: str, tmp_path: Path) -> None:
    put(f"{root}/r", bytes(range(100)), tmp_path)
    with store.open_seekable(f"{root}/r") as stream:
        stream.seek(-10, 2)
        assert stream.read(3) == bytes([90, 91, 92])
        stream.seek(5)
        assert stream.read(2) == bytes([5, 6])


def test_a_file_is_lent_under_its_own_name(root: str, tmp_path: Path) -> None:
    put(f"{root}/lent.txt", b"data", tmp_path)
    with store.local_copy(f"{root}/lent.txt") as file:
        assert (file.name, file.read_bytes()) == ("lent.txt", b"data")
    assert file.exists() == (not store.is_remote(root))
    assert store.read_range(f"{root}/lent.txt", 0, 9) == b"data"


def test_what_is_written_appears_when_it_is_whole(root: str) -> None:
    with store.writing(f"{root}/new/w") as file:
        file.write_bytes(b"whole")
        assert not store.exists(f"{root}/new/w")
    assert store.list_files(f"{root}/new") == [f"{root}/new/w"]
    assert read(f"{root}/new/w") == b"whole"


def test_what_fails_half_way_is_not_written(root: str) -> None:
    with pytest.raises(UnicodeEncodeError), store.writing(f"{root}/half/w") as file:
        file.write_text("half \ud800", encoding="utf-8")
    with pytest.raises(ValueError, match="names no file"):
        store.list_files(f"{root}/half")


def test_an_address_is_local_or_remote() -> None:
    assert store.local_path("a/b") == Path("a/b")
    assert not store.is_remote("a/b")
    for remote in ("s3://bucket/key", "https://host/file", "http://host/file"):
        assert store.is_remote(remote)
        assert store.reads_per_core(remote) > store.reads_per_core("a/b")


def test_download_and_delete(root: str, tmp_path: Path) -> None:
    put(f"{root}/d", b"data", tmp_path)
    store.download(f"{root}/d", tmp_path / "copy" / "d")
    assert (tmp_path / "copy" / "d").read_bytes() == b"data"
    store.delete(f"{root}/d")
    store.delete(f"{root}/d")
    assert not store.exists(f"{root}/d")


def test_a_folder_is_emptied_and_no_other(root: str, tmp_path: Path) -> None:
    for name in ("a/x", "a/deep/y", "ab/x"):
        put(f"{root}/{name}", b"data", tmp_path)
    for _ in range(2):
        store.delete_below(f"{root}/a")
    assert store.list_files(root) == [f"{root}/ab/x"]


def test_a_pattern_empties_no_folder(root: str, tmp_path: Path) -> None:
    put(f"{root}/a1/x", b"data", tmp_path)
    store.delete_below(f"{root}/a[1]")
    store.delete_below(f"{root}/*")
    assert store.list_files(root) == [f"{root}/a1/x"]


def test_what_is_not_there_is_named(root: str) -> None:
    with pytest.raises(ValueError, match=r"missing\.txt"), store.open_read(f"{root}/missing.txt"):
        pass
    with pytest.raises(ValueError, match=r"nothing-\*"):
        store.list_files(f"{root}/nothing-*")


def test_records_of_parameters_keep_no_signature_of_a_web_address() -> None:
    values = {
        "images_uri": "https://user:word@host/images.tar?X-Signature=abc",
        "corpus_uris": ["s3://corpora/dump?.bz2", "http://host/dump.bz2?token=abc"],
        "evaluate_zero_shot_sets": ("unseen", "mine=https://host/mine.txt?token=abc"),
        "seed": 3,
        "sources": {"https://host/images.tar?X-Signature=abc": "1 file"},
    }
    assert store.without_secrets(values) == {
        "images_uri": "https://host/images.tar",
        "corpus_uris": ["s3://corpora/dump?.bz2", "http://host/dump.bz2"],
        "evaluate_zero_shot_sets": ["unseen", "mine=https://host/mine.txt"],
        "seed": 3,
        "sources": {"https://host/images.tar": "1 file"},
    }
