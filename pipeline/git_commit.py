"""Which commit of the project this is."""

import subprocess
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def git_commit() -> str:
    """The commit of this project's code, "-dirty" where files differ from it."""
    command = ["git", "-C", str(PROJECT), "describe", "--always", "--dirty", "--abbrev=12"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()
