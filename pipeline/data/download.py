"""Fetches one file over HTTP: taken up where it broke off, and checked before it has its name.

What has arrived lies in `NAME.part`, and in `NAME.part.version` the server's mark of the version
(its ETag or date), so that two versions are never joined into one file.
"""

import hashlib
import http.client
import re
import shutil
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from components.shared.execution.progress import Progress, say

BLOCK = 1 << 20
MEGABYTE = 1e6
AGENT = "devise-pipeline-data/1.0 (research; Python urllib)"
LASTING_ERRORS = range(400, 500)
PASSING_ERRORS = (408, 425, 429)
_CONTENT_RANGE = re.compile(r"bytes (?:(\d+)-\d+|\*)/(\d+)")


@dataclass(frozen=True)
class Checksum:
    """What a file's bytes must hash to: `algorithm` of hashlib, `value` in hexadecimal."""

    algorithm: str
    value: str


@dataclass(frozen=True)
class Patience:
    """How long a server that fails is tried again.

    Attributes:
        attempts: tries without a new byte before it is given up.
        first_wait: seconds before the second try; doubled each time, to a minute at most.
        timeout: seconds without a byte after which a connection counts as dropped.
    """

    attempts: int = 8
    first_wait: float = 1.0
    timeout: float = 60.0

    def wait(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row."""
        return float(min(60.0, self.first_wait * 2 ** (failures - 1)))


class _Dropped(Exception):
    """The connection ended, or the server was busy, before the whole file was there."""


DEFAULT_PATIENCE = Patience()


def download(
    url: str, target: Path, checksum: Checksum | None, patience: Patience = DEFAULT_PATIENCE
) -> None:
    """Fetch a file; one that is there already is checked and left as it is.

    Args:
        url: its http:// or https:// address.
        target: where to; appears whole and checked or not at all.
        checksum: what it must hash to; None: none is published, and its SHA-256 is only told.
        patience: how long a failing server is tried again.

    Raises:
        ValueError: the server does not have it or cannot be reached, the disk is too small, or
            the checksum is wrong.
    """
    check_address(url)
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        part = _part(target)
        _fetch_patiently(url, target, patience)
        _check(part, checksum, url)
        part.replace(target)
        _version_file(target).unlink(missing_ok=True)
    elif checksum:
        _check(target, checksum, url)


def fetch_text(url: str, patience: Patience = DEFAULT_PATIENCE) -> str:
    """Return a small text file, such as a list of checksums."""
    check_address(url)
    for failures in range(1, patience.attempts + 1):
        try:
            with _open(url, {}, patience) as response:
                return response.read().decode("utf-8")
        except _Dropped as error:
            _wait_or_give_up(url, failures, patience, error)
    raise AssertionError("unreachable: the last failure is given up")


def check_address(url: str) -> None:
    """Refuse an address that is not HTTP: urllib would read local files as well."""
    if not url.startswith(("http://", "https://")):
        raise ValueError(f"{url!r} is no http:// or https:// address: correct it.")


def _part(target: Path) -> Path:
    return target.with_name(f"{target.name}.part")


def _version_file(target: Path) -> Path:
    return target.with_name(f"{target.name}.part.version")


def _fetch_patiently(url: str, target: Path, patience: Patience) -> None:
    part, failures = _part(target), 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            _fetch_rest(url, target, patience)
            return
        except _Dropped as error:
            has_more = part.exists() and part.stat().st_size > before
            failures = 1 if has_more else failures + 1
            _wait_or_give_up(url, failures, patience, error)


def _wait_or_give_up(url: str, failures: int, patience: Patience, error: Exception) -> None:
    if failures >= patience.attempts:
        raise ValueError(
            f"{url} could not be fetched ({error}): run the same command again, which goes on "
            "where it broke off, or name a mirror with --from."
        ) from error
    seconds = patience.wait(failures)
    say(f"{url}: {error}; again in {seconds:g} s")
    time.sleep(seconds)


def _fetch_rest(url: str, target: Path, patience: Patience) -> None:
    """Ask for what is missing and append it; a server that sends all of it starts afresh."""
    part, offset = _part(target), _usable_bytes(target)
    headers = {}
    if offset:
        version = _version_file(target).read_text(encoding="utf-8")
        headers = {"Range": f"bytes={offset}-", "If-Range": version}
    with _open(url, headers, patience) as response:
        if response.status == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            _settle_size(response, part, offset)
            return
        start, total = _extent(response, offset)
        _remember_version(response, target)
        _check_space(target, total - start if total else 0)
        _append(response, part, start, total)


def _usable_bytes(target: Path) -> int:
    """Bytes that can be gone on from: none where the server gave its version no mark."""
    part = _part(target)
    return part.stat().st_size if part.exists() and _version_file(target).exists() else 0


def _open(url: str, headers: dict[str, str], patience: Patience) -> http.client.HTTPResponse:
    request = urllib.request.Request(url, headers={"User-Agent": AGENT, **headers})
    try:
        response = urllib.request.urlopen(request, timeout=patience.timeout)
    except urllib.error.HTTPError as error:
        if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
            # It is no failure here, and has status and headers as any response.
            return cast(http.client.HTTPResponse, error)
        error.close()
        if error.code in LASTING_ERRORS and error.code not in PASSING_ERRORS:
            raise ValueError(
                f"{url}: the server answers {error.code} {error.reason}: it may have moved; look "
                "for a mirror and name it with --from."
            ) from error
        raise _Dropped(f"the server answers {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException) as error:
        raise _Dropped(str(error) or type(error).__name__) from error
    assert isinstance(response, http.client.HTTPResponse)
    return response


def _extent(response: http.client.HTTPResponse, offset: int) -> tuple[int, int]:
    """Return the first byte that is sent and the size of the whole file (0: not told)."""
    length = int(response.headers.get("Content-Length") or 0)
    if response.status != http.client.PARTIAL_CONTENT:
        return 0, length
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if not found or int(found[1] or -1) != offset:
        raise _Dropped("the server sends another part than was asked for")
    return offset, int(found[2])


def _settle_size(response: http.client.HTTPResponse, part: Path, offset: int) -> None:
    """Take a part that has all bytes for whole; remove one that has more than there are."""
    found = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    if not found or int(found[2]) != offset:
        part.unlink()
        raise _Dropped("more was there than the server has")


def _remember_version(response: http.client.HTTPResponse, target: Path) -> None:
    tag = response.headers.get("ETag", "")
    # A weak ETag does not promise the same bytes, and servers refuse it for a range.
    version = tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified")
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


def _append(response: http.client.HTTPResponse, part: Path, start: int, total: int) -> None:
    label = f"fetching {part.name.removesuffix('.part')}"
    if start:
        say(f"{label}: going on at {start / MEGABYTE:,.1f} MB")
    progress = Progress(label, max(total - start, 0) / MEGABYTE, "MB")
    with part.open("r+b" if start else "wb") as file:
        file.seek(start)
        while block := _read(response):
            file.write(block)
            progress.update((file.tell() - start) / MEGABYTE)
        end = file.tell()
    if total and end != total:
        raise _Dropped(f"the connection ended at byte {end:,} of {total:,}")
    progress.finish()


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read1(BLOCK)
    except (OSError, http.client.HTTPException) as error:
        raise _Dropped(str(error) or type(error).__name__) from error


def _check(file: Path, checksum: Checksum | None, url: str) -> None:
    algorithm = checksum.algorithm if checksum else "sha256"
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, algorithm).hexdigest()
    if not checksum:
        say(f"{url}: no checksum is published; its SHA-256 is {found}")
    elif found != checksum.value:
        file.unlink()
        raise ValueError(
            f"{url}: the {algorithm} is {found}, not {checksum.value}, so the file is removed: "
            "run the same command again, or name another mirror with --from."
        )
