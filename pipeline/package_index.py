"""The package index of this machine, for builds: a secret, because its address may hold a token."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SETTINGS = {"PIP_INDEX_URL": "index-url", "PIP_EXTRA_INDEX_URL": "extra-index-url"}
"""Variables of pip, and what they are called in a pip.conf."""


def pip_conf(environment: Mapping[str, str]) -> str:
    """Return what a pip.conf says of this machine's index; empty where nothing is set."""
    lines = [
        f"{setting} = {' '.join(environment[name].split())}\n"
        for name, setting in SETTINGS.items()
        if environment.get(name)
    ]
    return f"[global]\n{''.join(lines)}" if lines else ""


@contextmanager
def pip_conf_file(environment: Mapping[str, str]) -> Iterator[Path | None]:
    """Give a file with this machine's index, that only we can read, gone at the end.

    Yields:
        The file; None where no index is set.
    """
    content = pip_conf(environment)
    if not content:
        yield None
        return
    with tempfile.NamedTemporaryFile("w", suffix=".conf", encoding="utf-8") as file:
        file.write(content)
        file.flush()
        yield Path(file.name)
