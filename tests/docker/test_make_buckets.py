import json
import os
import subprocess
import sys
from pathlib import Path

from support.answering_server import answering


def make_buckets(project: Path, store: dict[str, str], *names: str) -> str:
    done = subprocess.run(
        [sys.executable, str(project / "docker" / "make_buckets.py"), *names],
        env={**os.environ, **store},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_missing_buckets_are_made_once(project: Path, s3_server: dict[str, str]) -> None:
    assert make_buckets(project, s3_server, "devise", "first", "second") == (
        "made ['first', 'second']\n"
    )
    assert make_buckets(project, s3_server, "first", "second") == "made nothing, all are there\n"


def test_keys_may_come_from_a_role_of_the_cloud(project: Path, s3_server: dict[str, str]) -> None:
    keys = {"AccessKeyId": "test-key", "SecretAccessKey": "test-secret", "Token": ""}
    answer = json.dumps({**keys, "Expiration": "2099-01-01T00:00:00Z"})
    with answering(answer, "application/json") as (address, _):
        store = {
            "AWS_ENDPOINT_URL": s3_server["AWS_ENDPOINT_URL"],
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": address,
        }
        assert make_buckets(project, store, "by-role") == "made ['by-role']\n"
