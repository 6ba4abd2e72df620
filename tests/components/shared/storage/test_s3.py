from pathlib import Path

import pytest

from components.shared.storage import s3 as backend


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
