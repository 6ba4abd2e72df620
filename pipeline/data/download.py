"""Fetches one file over HTTP: taken up where it broke off, and checked before it has its name.

What has arrived lies in `NAME.part`, and in `NAME.part.version` the server's mark of the version
(its ETag or date), so that two versions are never joined into one file.
"""

import hashlib
import http.client
import shutil
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from components.shared.execution.progress import Progress, say
from components.shared.storage.http_requests import (
    DEFAULT_PATIENCE,
    SCHEMES,
    Answer,
    Failure,
    Patience,
    ask,
    facts_of,
    open_from,
    patiently,
    read_all,
    receive,
    shown,
)

BLOCK = 1 << 20
MEGABYTE = 1e6


@dataclass(frozen=True)
class Checksum:
    """What a file's bytes must hash to: `algorithm` of hashlib, `value` in hexadecimal."""

    algorithm: str
    value: str


def download(
    url: str, target: Path, checksum: Checksum | None, patience: Patience = DEFAULT_PATIENCE
) -> None:
    """Fetch a file; one that is there already is checked and left as it is.

    Args:
        url: Its http:// or https:// address.
        target: Where to; appears whole and checked or not at all.
        checksum: What it must hash to; None: none is published, and its SHA-256 is only told.
        patience: How long a failing server is tried again.

    Raises:
        ValueError: The server does not have it or cannot be reached, the disk is too small, or
            the checksum is wrong.
    """
    check_address(url)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = _part(target)
        _fetch(url, target, patience)
        _check(part, checksum, url)
        part.replace(target)
        _version_file(target).unlink(missing_ok=True)
    elif checksum:
        _check(target, checksum, url)


def fetch_text(url: str, patience: Patience = DEFAULT_PATIENCE) -> str:
    """Return a small text file, such as a list of checksums.

    Raises:
        ValueError: The server does not have it or cannot be reached.
    """
    check_address(url)

    def text() -> str:
        with ask(url, patience.timeout) as response:
            return read_all(response).decode("utf-8")

    try:
        return patiently(url, text, patience)
    except Failure as failure:
        raise _not_fetched(url, failure) from failure


def check_address(url: str) -> None:
    """Refuse an address that is not HTTP: urllib would read local files as well.

    Raises:
        ValueError: It has another scheme, or none.
    """
    if not url.startswith(SCHEMES):
        raise ValueError(f"{url!r} is no http:// or https:// address: correct it.")


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _version_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.part.version")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _fetch(url: str, target: Path, patience: Patience) -> None:
    part = _part(target)
    try:
        patiently(
            url,
            lambda: _fetch_rest(url, target, patience.timeout),
            patience,
            arrived=lambda: _size(part),
        )
    except Failure as failure:
        raise _not_fetched(url, failure) from failure


def _not_fetched(url: str, failure: Failure) -> ValueError:
    if failure.is_lasting:
        return ValueError(
            f"{shown(url)}: {failure}: it may have moved; look for a mirror and name it with "
            "--from."
        )
    return ValueError(
        f"{shown(url)} could not be fetched ({failure}): run the same command again, which goes "
        "on where it broke off, or name a mirror with --from."
    )


def _fetch_rest(url: str, target: Path, timeout: float) -> None:
    """Ask for what is missing and append it; a server that sends all of it starts afresh."""
    offset = _usable_bytes(target)
    version = _version_file(target).read_text(encoding="utf-8") if offset else ""
    try:
        answer = open_from(url, offset, version, timeout)
    except Failure as failure:
        if failure.status != http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise
        _settle_size(url, target, timeout)
        return
    with closing(answer.response):
        _remember_version(answer.facts.version, target)
        _check_space(target, (answer.facts.length or answer.start) - answer.start)
        _append(answer, _part(target))


def _usable_bytes(target: Path) -> int:
    """Bytes that can be gone on from: none where the server gave its version no mark."""
    return _size(_part(target)) if _version_file(target).exists() else 0


def _settle_size(url: str, target: Path, timeout: float) -> None:
    """Take a part that has all bytes for whole; remove one that has more than there are."""
    facts = facts_of(url, timeout)
    if facts is None or facts.length != _size(_part(target)):
        _part(target).unlink()
        raise Failure("more was there than the server has")


def _remember_version(version: str, target: Path) -> None:
    if version:
        _version_file(target).write_text(version, encoding="utf-8")
    else:
        _version_file(target).unlink(missing_ok=True)


def _check_space(target: Path, needed: int) -> None:
    free = shutil.disk_usage(target.parent).free
    if needed > free:
        raise ValueError(
            f"{target.name} needs {needed / MEGABYTE:,.0f} MB more, but {target.parent} has "
            f"{free / MEGABYTE:,.0f} MB free: make room, or name another folder with --output."
        )


def _append(answer: Answer, part: Path) -> None:
    label = f"fetching {part.name.removesuffix('.part')}"
    start, total = answer.start, answer.facts.length
    if start:
        say(f"{label}: going on at {start / MEGABYTE:,.1f} MB")
    progress = Progress(label, ((total or start) - start) / MEGABYTE, "MB")
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        while block := receive(answer.response, BLOCK):
            file.write(block)
            progress.update((file.tell() - start) / MEGABYTE)
        end = file.tell()
    if total is not None and end != total:
        raise Failure(f"the connection ended at byte {end:,} of {total:,}")
    progress.finish()


def _check(file: Path, checksum: Checksum | None, url: str) -> None:
    algorithm = checksum.algorithm if checksum else "sha256"
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, algorithm).hexdigest()
    if not checksum:
        say(f"{shown(url)}: no checksum is published; its SHA-256 is {found}")
    elif found != checksum.value:
        file.unlink()
        raise ValueError(
            f"{shown(url)}: the {algorithm} is {found}, not {checksum.value}, so the file is "
            "removed: run the same command again, or name another mirror with --from."
        )
