from collections.abc import Iterator
from pathlib import Path

import pytest
from support.fault_proxy import PASSING, Fault, FaultProxy, faults_before

from components.shared.storage import s3 as backend
from components.shared.storage.http_requests import Patience


def test_objects_are_listed_with_their_etags_by_one_listing(
    s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "x").write_bytes(b"x")
    for name in ("a", "b/c", "b-old"):
        backend.upload(tmp_path / "x", f"{s3}/{name}")
    monkeypatch.setattr("minio.Minio.stat_object", None)
    found = {state.uri: state for state in backend.states(f"{s3}/")}
    assert sorted(found) == [f"{s3}/a", f"{s3}/b-old", f"{s3}/b/c"]
    assert [state.uri for state in backend.states(f"{s3}/b")] == [f"{s3}/b/c"]
    assert {state.mark for state in found.values()} == {"9dd4e461268c8034f5c8564e155c67a6"}


@pytest.mark.parametrize("ask", [backend.size, lambda uri: backend.read_range(uri, 0, 1)])
def test_what_the_store_refuses_is_a_sentence(s3: str, ask: object) -> None:
    assert callable(ask)
    with pytest.raises(ValueError, match=r"nothing': the object store answers NoSuchKey; check"):
        ask(f"{s3}/nothing")


def test_wrong_credentials_are_a_sentence(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(ValueError, match=r"the object store answers SignatureDoesNotMatch; check"):
        backend.exists(f"{s3}/x")


def test_an_s3_address_without_credentials_says_which_variables_are_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://localhost:1")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY", raising=False)
    with pytest.raises(ValueError, match="AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"):
        backend.exists("s3://bucket/key")


def test_a_broken_endpoint_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "localhost:9000")
    with pytest.raises(ValueError, match="AWS_ENDPOINT_URL is 'localhost:9000'"):
        backend.exists("s3://bucket/key")


def test_an_address_without_a_bucket_is_refused() -> None:
    with pytest.raises(ValueError, match="names no bucket"):
        backend.exists("s3://")


CONTENT = bytes(range(256)) * 8_000


@pytest.fixture
def proxy(
    s3: str, s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[FaultProxy]:
    """What stands between us and the store, which has an object `big`."""
    (tmp_path / "big").write_bytes(CONTENT)
    backend.upload(tmp_path / "big", f"{s3}/big")
    monkeypatch.setattr(backend, "PATIENCE", Patience(attempts=4, first_wait=0.005))
    with faults_before(s3_server["AWS_ENDPOINT_URL"]) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield proxy


def read(uri: str) -> bytes:
    with backend.open_read(uri) as stream:
        return stream.read()


READS = {
    "whole": (read, CONTENT),
    "a part": (lambda uri: backend.read_range(uri, 1_000, 900_000), CONTENT[1_000:901_000]),
}


@pytest.mark.parametrize("kind", PASSING)
@pytest.mark.parametrize("way", READS)
def test_every_read_survives_every_fault(s3: str, proxy: FaultProxy, way: str, kind: str) -> None:
    ask, expected = READS[way]
    proxy.faults[:] = [Fault(kind, times=2)]
    assert ask(f"{s3}/big") == expected
    assert set(proxy.done) == {kind}


def test_no_bytes_are_read_without_asking(s3: str, proxy: FaultProxy) -> None:
    assert backend.read_range(f"{s3}/big", 5, 0) == b""
    assert not proxy.calls


def test_a_body_that_is_cut_off_is_gone_on_with_where_it_was_if_it_is_the_same(
    s3: str, proxy: FaultProxy
) -> None:
    proxy.faults[:] = [Fault("cut", times=2, after=600_000)]
    assert read(f"{s3}/big") == CONTENT
    asked = [(headers.get("Range"), headers.get("If-Match")) for _, headers in proxy.calls]
    etag = asked[1][1]
    assert etag
    assert asked == [
        (None, None),
        *((f"bytes={n}-{len(CONTENT) - 1}", etag) for n in (600_000, 1_200_000)),
    ]


def test_an_object_that_changed_meanwhile_is_not_mixed_with_its_older_self(
    s3: str, proxy: FaultProxy, tmp_path: Path
) -> None:
    proxy.faults[:] = [Fault("cut", times=1)]
    with backend.open_read(f"{s3}/big") as stream:
        stream.read(10)
        (tmp_path / "other").write_bytes(CONTENT[::-1])
        backend.upload(tmp_path / "other", f"{s3}/big")
        with pytest.raises(ValueError, match="big' changed while it was read"):
            stream.read()


def test_a_store_that_goes_away_for_good_is_a_sentence(s3: str, proxy: FaultProxy) -> None:
    proxy.faults[:] = [Fault("cut", times=1, after=600_000)]
    with backend.open_read(f"{s3}/big") as stream:
        stream.read(10)
        proxy.faults[:] = [Fault("401")]
        with pytest.raises(ValueError, match=r"after 600,000 bytes .*answers 401, not as S3 does"):
            stream.read()


@pytest.mark.parametrize("kind", PASSING)
def test_writing_listing_and_deleting_survive_every_fault(
    s3: str, proxy: FaultProxy, tmp_path: Path, kind: str
) -> None:
    # Of more than one part of an upload.
    (tmp_path / "parts").write_bytes(CONTENT * 3)
    proxy.faults[:] = [Fault(kind, times=1), Fault(kind, rate=0.1)]
    backend.upload(tmp_path / "parts", f"{s3}/parts")
    assert [state.uri for state in backend.states(f"{s3}/")] == [f"{s3}/big", f"{s3}/parts"]
    assert backend.size(f"{s3}/parts") == len(CONTENT) * 3
    backend.delete(f"{s3}/big")
    assert not backend.exists(f"{s3}/big")
    proxy.faults.clear()
    assert read(f"{s3}/parts") == CONTENT * 3


def test_a_bucket_that_can_be_written_to_is_left_as_it_was(s3: str, proxy: FaultProxy) -> None:
    backend.check_writable(f"{s3}/checkpoints")
    assert [call.split()[0] for call, _ in proxy.calls] == ["PUT", "GET", "DELETE"]
    assert not backend.exists(f"{s3}/checkpoints")


@pytest.mark.parametrize("kind", PASSING)
def test_a_failure_that_passes_does_not_make_it_one_that_cannot(
    s3: str, proxy: FaultProxy, kind: str
) -> None:
    proxy.faults[:] = [Fault(kind, call, times=1) for call in ("PUT", "GET", "DELETE")]
    backend.check_writable(f"{s3}/checkpoints")
    assert set(proxy.done) == {kind}
    assert not backend.exists(f"{s3}/checkpoints")


def test_one_that_cannot_is_a_sentence(
    s3: str, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ValueError, match=r"s3://nowhere/x': .* NoSuchBucket; make the bucket"):
        backend.check_writable("s3://nowhere/x")
    proxy.faults[:] = [Fault("401", "PUT")]
    with pytest.raises(ValueError, match="answers 401, not as S3 does; check AWS_ENDPOINT_URL"):
        backend.check_writable(s3)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    proxy.faults.clear()
    with pytest.raises(ValueError, match=r"SignatureDoesNotMatch; check AWS_ACCESS_KEY_ID and"):
        backend.check_writable(s3)


def test_a_store_of_another_scheme_or_none_is_a_sentence(
    s3: str, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.url.replace("http:", "https:"))
    with pytest.raises(ValueError, match=r"https://127.* no answer .*check AWS_ENDPOINT_URL, its"):
        backend.check_writable(s3)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(ValueError, match=r"http://127.0.0.1:1 cannot be reached .*refused.*: st"):
        backend.check_writable(s3)
