from collections.abc import Iterator
from pathlib import Path

import pytest
from support.web_server import Asked, WebServer, serving

from components.shared.storage import store, web
from components.shared.storage.fingerprint import source_state
from components.shared.storage.http_requests import Patience

CONTENT = bytes(range(256)) * 4_000


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[WebServer]:
    monkeypatch.setattr(web, "PATIENCE", Patience(attempts=3, first_wait=0.005))
    with serving(tmp_path / "served") as state:
        state.put("dump.bin", CONTENT)
        yield state


def read(uri: str) -> bytes:
    with store.open_read(uri) as stream:
        return stream.read()


def test_a_file_is_streamed_in_pieces(server: WebServer) -> None:
    with store.open_read(f"{server.url}/dump.bin") as stream:
        assert stream.read(300) == CONTENT[:300]
        assert stream.read() == CONTENT[300:]
    assert server.requests == [Asked("GET", "/dump.bin", "")]


def test_an_empty_file_has_no_bytes(server: WebServer) -> None:
    server.put("empty", b"")
    assert read(f"{server.url}/empty") == b""


def test_a_dropped_connection_is_taken_up_where_it_broke_off(server: WebServer) -> None:
    server.drop_always_after(400_000)
    assert read(f"{server.url}/dump.bin") == CONTENT
    assert server.ranges_asked() == ["", "bytes=400000-", "bytes=800000-"]


def test_many_drops_do_not_add_up_as_long_as_something_arrives(server: WebServer) -> None:
    server.drop_always_after(50_000)
    assert read(f"{server.url}/dump.bin") == CONTENT
    assert len(server.requests) == 21


def test_a_server_that_cannot_resume_is_one_clear_error(server: WebServer) -> None:
    server.drop_always_after(400_000)
    server.ranges = False
    with pytest.raises(ValueError, match=r"after 400,000 bytes, and the server cannot send the re"):
        read(f"{server.url}/dump.bin")


def test_a_file_that_changed_meanwhile_is_not_mixed_with_its_older_self(server: WebServer) -> None:
    server.drop_always_after(400_000)
    with store.open_read(f"{server.url}/dump.bin") as stream:
        stream.read(1000)
        server.etag = '"two"'
        with pytest.raises(ValueError, match="cannot send the rest of the same file"):
            stream.read()


def test_a_server_that_went_away_is_named_after_a_few_tries(server: WebServer) -> None:
    server.drop_always_after(400_000)
    with store.open_read(f"{server.url}/dump.bin") as stream:
        stream.read(1000)
        (server.root / "dump.bin").unlink()
        with pytest.raises(ValueError, match=r"after 400,000 bytes and could not .* 404 Not Found"):
            stream.read()
    assert len(server.requests) == 3


def test_a_connection_that_brings_nothing_is_given_up(server: WebServer) -> None:
    server.drop_always_after(400_000)
    with store.open_read(f"{server.url}/dump.bin") as stream:
        stream.read(1000)
        server.drop_always_after(0)
        with pytest.raises(ValueError, match=r"400,000 bytes and could not .*rest did not come"):
            stream.read()
    assert len(server.requests) == 3


def test_a_web_address_stands_for_its_file(server: WebServer, tmp_path: Path) -> None:
    uri = f"{server.url}/dump.bin"
    assert store.exists(uri)
    assert store.list_files(uri) == [uri]
    assert store.first_file(uri) == uri
    assert store.read_range(uri, 10, 5) == CONTENT[10:15]
    store.download(uri, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == CONTENT


def test_a_file_is_lent_and_sought_in_like_any_other(server: WebServer) -> None:
    uri = f"{server.url}/dump.bin?signature=secret"
    with store.local_copy(uri) as file:
        assert (file.name, file.read_bytes()) == ("dump.bin", CONTENT)
    server.requests.clear()
    with store.open_seekable(uri) as stream:
        stream.seek(-3, 2)
        assert stream.read() == CONTENT[-3:]
    assert [(asked.method, asked.range) for asked in server.requests] == [
        *(("HEAD", ""), ("GET", f"bytes={len(CONTENT) - 3}-{len(CONTENT) - 1}"))
    ]


def test_a_server_that_names_no_file_has_no_size(server: WebServer) -> None:
    with pytest.raises(ValueError, match=r"nothing': the server names no size"):
        store.open_seekable(f"{server.url}/nothing?signature=secret")


def test_a_server_without_head_is_asked_otherwise(server: WebServer) -> None:
    server.head = False
    assert store.exists(f"{server.url}/dump.bin")
    assert not store.exists(f"{server.url}/nothing")


def test_the_fingerprint_changes_with_the_file(server: WebServer) -> None:
    before = source_state(f"{server.url}/dump.bin")
    assert source_state(f"{server.url}/dump.bin") == before
    server.etag = '"two"'
    assert source_state(f"{server.url}/dump.bin") != before


def test_what_is_not_there_is_named_without_its_secrets(server: WebServer) -> None:
    uri = f"{server.url}/nothing?signature=secret"
    assert not store.exists(uri)
    with pytest.raises(ValueError, match=r"/nothing' names no file") as listing:
        store.list_files(uri)
    with pytest.raises(ValueError, match=r"/nothing' cannot be read: .* 404") as reading:
        read(uri)
    assert "secret" not in f"{listing.value}{reading.value}"


def test_a_user_or_password_is_refused_and_not_repeated(server: WebServer) -> None:
    uri = server.url.replace("http://", "http://me:secret@") + "/dump.bin"
    for ask in (store.exists, store.list_files, read):
        with pytest.raises(ValueError, match="user or password") as error:
            ask(uri)
        assert "secret" not in str(error.value)
        assert "me:" not in str(error.value)


def test_a_server_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web, "PATIENCE", Patience(attempts=3, first_wait=0.005))
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:1/x' cannot be read: no answer"):
        store.exists("http://127.0.0.1:1/x")


def test_web_addresses_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"x")
    with pytest.raises(ValueError, match="can only be read"):
        store.upload(tmp_path / "x", "https://example.org/x")
    with pytest.raises(ValueError, match="can only be read"):
        store.delete("https://example.org/x")


def test_a_range_of_a_server_that_sends_whole_files_is_refused(server: WebServer) -> None:
    server.ranges = False
    with pytest.raises(ValueError, match="sends no parts of files"):
        store.read_range(f"{server.url}/dump.bin", 10, 5)


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("ask", ["exists", "open_read", "read_range", "open_seekable"])
def test_what_a_server_refuses_for_a_moment_is_asked_again(
    server: WebServer, status: int, ask: str
) -> None:
    uri = f"{server.url}/dump.bin"
    server.busy = [status, status]
    if ask == "exists":
        assert store.exists(uri)
    elif ask == "open_read":
        assert read(uri) == CONTENT
    elif ask == "read_range":
        assert store.read_range(uri, 10, 5) == CONTENT[10:15]
    else:
        with store.open_seekable(uri) as stream:
            assert stream.read() == CONTENT
    assert not server.busy


def test_a_server_that_is_busy_for_long_is_named(server: WebServer) -> None:
    server.busy = [503] * 9
    for ask in (store.exists, read, lambda uri: store.read_range(uri, 0, 1)):
        with pytest.raises(ValueError, match=r"dump\.bin' cannot be read: the server answers 503"):
            ask(f"{server.url}/dump.bin")
    assert not server.busy


def test_a_part_whose_connection_drops_is_asked_for_again(server: WebServer) -> None:
    server.drops = iter([3])
    assert store.read_range(f"{server.url}/dump.bin", 10, 500) == CONTENT[10:510]
    assert server.ranges_asked() == ["bytes=10-509"] * 2


def test_a_part_ends_with_the_file_and_one_of_no_bytes_is_not_asked_for(server: WebServer) -> None:
    uri = f"{server.url}/dump.bin"
    assert store.read_range(uri, len(CONTENT) - 3, 10) == CONTENT[-3:]
    assert store.read_range(uri, 5, 0) == b""
    assert len(server.requests) == 1


@pytest.mark.parametrize("off", [(1, 0), (0, -1), (-1, -1)])
def test_another_part_than_was_asked_for_is_not_taken(
    server: WebServer, off: tuple[int, int]
) -> None:
    server.shifted = off
    with pytest.raises(ValueError, match="the server sends another part than was asked for"):
        store.read_range(f"{server.url}/dump.bin", 10, 5)


def test_parts_of_a_file_that_changed_are_not_mixed(server: WebServer) -> None:
    with store.open_seekable(f"{server.url}/dump.bin?signature=secret") as stream:
        assert stream.read(5) == CONTENT[:5]
        server.etag = '"two"'
        with pytest.raises(
            ValueError, match=r"dump\.bin' changed while it was read: start the run"
        ):
            stream.read(5)
