import os
import subprocess
import sys
from pathlib import Path


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
