import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from support.web_server import WebServer, serving

from components.shared.storage import store
from components.shared.storage.fingerprint import arrays_checksum, checksum, source_state

Put = Callable[[str, bytes], None]


@pytest.fixture(params=["local", "s3"])
def root(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    local = request.param == "local"
    return str(tmp_path / "root") if local else request.getfixturevalue("s3")


@pytest.fixture
def put(root: str, tmp_path: Path) -> Put:
    def write(name: str, content: bytes) -> None:
        (tmp_path / "to-upload").write_bytes(content)
        store.upload(tmp_path / "to-upload", f"{root}/{name}")

    return write


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    with serving(tmp_path / "served") as state:
        state.put("dump.bin", b"one")
        yield state


def test_a_state_is_a_short_text(root: str, put: Put) -> None:
    put("a/x.txt", b"1234")
    assert re.fullmatch(r"1 file, 4 bytes, [0-9a-f]{32}", source_state(f"{root}/a/x.txt"))
    put("a/b/y.txt", b"56")
    assert re.fullmatch(r"2 files, 6 bytes, [0-9a-f]{32}", source_state(f"{root}/a"))


@pytest.mark.parametrize("address", ["a", "a/", "a/*"])
def test_the_same_content_has_the_same_state_and_any_change_another(
    root: str, put: Put, address: str
) -> None:
    uri = f"{root}/{address}"
    put("a/x.txt", b"1234")
    put("a/y.txt", b"5678")
    put("ab/z.txt", b"beside it")
    seen = [source_state(uri)]
    assert source_state(uri) == seen[0]
    put("a/new.txt", b"new")
    seen.append(source_state(uri))
    put("a/x.txt", b"4321")
    seen.append(source_state(uri))
    store.delete(f"{root}/a/y.txt")
    seen.append(source_state(uri))
    put("a/w.txt", b"4321")
    store.delete(f"{root}/a/x.txt")
    seen.append(source_state(uri))
    assert len(set(seen)) == 5
    put("ab/z.txt", b"changed beside it")
    assert source_state(uri) == seen[-1]


def test_the_same_files_elsewhere_have_the_same_state(root: str, put: Put) -> None:
    for folder in ("a", "other/b"):
        for name in ("x", "y/z"):
            put(f"{folder}/{name}", name.encode())
            if not store.is_remote(root):
                os.utime(f"{root}/{folder}/{name}", ns=(5, 5))
    state = source_state(f"{root}/a")
    assert source_state(f"{root}/other/b") == source_state(f"{root}/other/b/") == state


def test_names_need_not_be_utf_8(tmp_path: Path) -> None:
    before = source_state(str(Path(__file__).parent))
    (tmp_path / os.fsdecode(b"\xff")).touch()
    assert source_state(str(tmp_path)) != before


def test_nothing_has_no_state(root: str) -> None:
    with pytest.raises(ValueError, match=r"nothing' names no file"):
        source_state(f"{root}/nothing")


def test_a_web_addresses_state_is_its_files_whatever_signs_it(server: WebServer) -> None:
    uri = f"{server.url}/dump.bin"
    before = source_state(uri)
    assert before.startswith("1 file, 3 bytes, ")
    assert source_state(f"{uri}?signature=other") == before
    server.put("dump.bin", b"two")
    assert source_state(uri) != before
    (server.root / "dump.bin").unlink()
    with pytest.raises(ValueError, match=r"dump\.bin' names no file") as error:
        source_state(f"{uri}?signature=secret")
    assert "secret" not in str(error.value)


def test_a_folders_checksum_is_of_names_and_contents(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a/x").write_bytes(b"x")
    before = checksum(tmp_path / "a")
    os.utime(tmp_path / "a/x", ns=(5, 5))
    (tmp_path / "a/.DS_Store").write_bytes(b"of macOS")
    assert checksum(tmp_path / "a") == before
    (tmp_path / "a/x").rename(tmp_path / "a/y")
    assert checksum(tmp_path / "a") != before


def test_arrays_have_another_checksum_when_a_name_a_type_a_shape_a_value_or_the_text_changes() -> (
    None
):
    ones, sixes = np.ones(6, np.float32), np.full((2, 3), 6, np.int64)
    same = arrays_checksum({"a": ones, "b": sixes}, "text")
    # Their order and how they lie in memory do not count.
    assert arrays_checksum({"b": np.asarray(sixes, order="F"), "a": ones}, "text") == same
    others = [
        arrays_checksum({"a": ones, "c": sixes}, "text"),
        arrays_checksum({"a": ones.view(np.int32), "b": sixes}, "text"),
        arrays_checksum({"a": ones, "b": sixes.T}, "text"),
        arrays_checksum({"a": -ones, "b": sixes}, "text"),
        arrays_checksum({"a": ones, "b": sixes}, "texts"),
        arrays_checksum({"a": ones, "b": sixes, "none": np.zeros(0)}, "text"),
    ]
    assert len({same, *others}) == len(others) + 1
