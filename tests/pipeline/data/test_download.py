import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.web_server import Asked, WebServer, serving

from components.shared.storage.http_requests import Patience
from pipeline.data.download import Checksum, download, fetch_text

DATA = bytes(range(256)) * 8_000
MD5 = Checksum("md5", hashlib.md5(DATA).hexdigest())
QUICK = Patience(attempts=3, first_wait=0.01, timeout=5)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served") as state:
        state.put("big.bin", DATA)
        yield state


def fetch(server: WebServer, tmp_path: Path, checksum: Checksum | None = MD5) -> Path:
    target = tmp_path / "got/big.bin"
    download(f"{server.url}/big.bin", target, checksum, QUICK)
    return target


def test_a_file_is_fetched_whole_and_leaves_nothing_beside_it(
    server: WebServer, tmp_path: Path
) -> None:
    target = fetch(server, tmp_path)
    assert target.read_bytes() == DATA
    assert [file.name for file in target.parent.iterdir()] == ["big.bin"]


def test_a_file_that_is_there_is_not_fetched_again(server: WebServer, tmp_path: Path) -> None:
    fetch(server, tmp_path)
    fetch(server, tmp_path)
    assert len(server.requests) == 1


def test_a_dropped_connection_goes_on_where_it_broke_off(server: WebServer, tmp_path: Path) -> None:
    server.drops = iter([500_000, 300_000, 7])
    assert fetch(server, tmp_path).read_bytes() == DATA
    assert server.ranges_asked() == [*("", "bytes=500000-", "bytes=800000-", "bytes=800007-")]


def test_a_later_command_goes_on_where_the_first_was_given_up(
    server: WebServer, tmp_path: Path
) -> None:
    server.drops = iter([500_000])
    with pytest.raises(ValueError, match=r"run the same command again"):
        download(f"{server.url}/big.bin", tmp_path / "got/big.bin", MD5, Patience(1, 0.01, 5))
    assert (tmp_path / "got/big.bin.part").stat().st_size == 500_000
    assert not (tmp_path / "got/big.bin").exists()
    assert fetch(server, tmp_path).read_bytes() == DATA
    assert server.requests[-1] == Asked("GET", "/big.bin", "bytes=500000-")


def test_a_part_that_has_all_bytes_is_taken_without_fetching_any(
    server: WebServer, tmp_path: Path
) -> None:
    server.drops = iter([500_000])
    with pytest.raises(ValueError, match="run the same command again"):
        download(f"{server.url}/big.bin", tmp_path / "got/big.bin", MD5, Patience(1, 0.01, 5))
    (tmp_path / "got/big.bin.part").write_bytes(DATA)
    assert fetch(server, tmp_path).read_bytes() == DATA


def test_two_versions_are_never_joined(server: WebServer, tmp_path: Path) -> None:
    server.drops = iter([500_000])
    with pytest.raises(ValueError, match="run the same command again"):
        download(f"{server.url}/big.bin", tmp_path / "got/big.bin", MD5, Patience(1, 0.01, 5))
    newer = DATA[::-1]
    (tmp_path / "served/big.bin").write_bytes(newer)
    assert fetch(server, tmp_path, None).read_bytes() == newer


@pytest.mark.parametrize(("lacking", "value"), [("ranges", False), ("etag", "")])
def test_a_server_without_ranges_or_versions_is_asked_for_all_of_it_again(
    server: WebServer, tmp_path: Path, lacking: str, value: object
) -> None:
    setattr(server, lacking, value)
    server.drops = iter([500_000])
    assert fetch(server, tmp_path).read_bytes() == DATA


def test_a_busy_server_is_asked_again(server: WebServer, tmp_path: Path) -> None:
    server.busy = [503, 429]
    assert fetch(server, tmp_path).read_bytes() == DATA


def test_a_server_that_gives_nothing_is_given_up(server: WebServer, tmp_path: Path) -> None:
    server.busy = [503] * 9
    with pytest.raises(ValueError, match=r"could not be fetched \(the server answers 503"):
        fetch(server, tmp_path)
    assert len(server.requests) == 3


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_file_that_is_not_there_is_not_asked_for_twice(
    server: WebServer, tmp_path: Path, status: int
) -> None:
    server.busy = [status]
    with pytest.raises(ValueError, match=rf"answers {status} .*: it may have moved.* --from"):
        fetch(server, tmp_path)
    assert len(server.requests) == 1


def test_a_wrong_checksum_is_refused_and_the_bytes_are_removed(
    server: WebServer, tmp_path: Path
) -> None:
    (tmp_path / "served/big.bin").write_bytes(b"another file")
    with pytest.raises(ValueError, match=rf"md5 is \w+, not {MD5.value}"):
        fetch(server, tmp_path)
    assert not (tmp_path / "got/big.bin").exists()
    assert not (tmp_path / "got/big.bin.part").exists()


def test_without_a_published_checksum_the_sha_256_is_told(
    server: WebServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fetch(server, tmp_path, None)
    assert hashlib.sha256(DATA).hexdigest() in capsys.readouterr().out


def test_a_host_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"http://127\.0\.0\.1:1/x could not be fetched"):
        download("http://127.0.0.1:1/x", tmp_path / "x", None, QUICK)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "x"])
def test_only_http_is_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(ValueError, match=r"is no http:// or https:// address"):
        download(url, tmp_path / "x", None, QUICK)


def test_a_small_text_is_fetched_through_a_busy_spell(server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "served/sums.txt").write_text("abc  big.bin\n")
    server.busy = [500]
    assert fetch_text(f"{server.url}/sums.txt", QUICK) == "abc  big.bin\n"
