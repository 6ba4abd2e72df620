"""Who is asked for keys: real servers stand in for a cloud's and for its object store."""

import json
from pathlib import Path

import pytest
from support.answering_server import answering

from components.shared.storage import s3, s3_identity

KEYS = {"AccessKeyId": "test-key", "SecretAccessKey": "test-secret"}
EXPIRES = "2099-01-01T00:00:00Z"
STS = f"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
<AssumeRoleWithWebIdentityResult><Credentials>
<AccessKeyId>test-key</AccessKeyId><SecretAccessKey>test-secret</SecretAccessKey>
<SessionToken>for-an-hour</SessionToken><Expiration>{EXPIRES}</Expiration>
</Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"""
EMPTY_BUCKET = (
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<Name>devise</Name><IsTruncated>false</IsTruncated></ListBucketResult>"
)


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*s3_identity.KEYS, *s3_identity.ROLES, "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def test_keys_that_hold_for_a_time_are_sent_with_their_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in zip(s3_identity.KEYS, ("key", "secret"), strict=True):
        monkeypatch.setenv(name, value)
    with answering(EMPTY_BUCKET, "application/xml") as (address, asked):
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        assert not s3.exists("s3://devise/x")
        monkeypatch.setenv("AWS_SESSION_TOKEN", "for-an-hour")
        assert not s3.exists("s3://devise/x")
    tokens = [headers.get("X-Amz-Security-Token") for _, headers in asked]
    assert tokens == [None, "for-an-hour"]


def test_a_pod_without_keys_reads_by_the_role_of_its_account(
    s3_server: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server["AWS_ENDPOINT_URL"])
    body = json.dumps({**KEYS, "Token": "", "Expiration": EXPIRES})
    with answering(body, "application/json") as (address, asked):
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{address}/role")
        assert not s3.exists("s3://devise/nothing-here")
        assert not s3.exists("s3://devise/nor-here")
    assert [path for path, _ in asked] == ["/role"]


def test_a_web_identity_is_exchanged_for_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "token").write_text("a-token-of-the-cluster")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    monkeypatch.setenv("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/devise")
    with answering(STS, "text/xml") as (address, asked):
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", address)
        keys = s3_identity.provider(s3_identity.identity()).retrieve()
    assert (keys.access_key, keys.session_token) == ("test-key", "for-an-hour")
    assert len(asked) == 1


def test_keys_go_before_a_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token")
    assert s3_identity.identity() == s3_identity.Identity(role="/var/run/token")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert s3_identity.identity() == s3_identity.Identity("key", "secret")


def test_without_keys_and_role_the_keys_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    assert s3_identity.missing() == list(s3_identity.KEYS)
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/role")
    assert s3_identity.missing() == []


def test_keys_are_not_shown() -> None:
    shown = repr(s3_identity.Identity("key", "a-secret", "a-token"))
    assert "a-secret" not in shown
    assert "a-token" not in shown
