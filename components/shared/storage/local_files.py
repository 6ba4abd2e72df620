"""Lists the files below a folder of this machine, whatever people have there.

Links are followed, as the place of a file is the person's business; a link that leads into a folder
that it lies in is passed over, as its files are listed already. What cannot be listed is named: a
folder that is left out in silence is text or a class that is missing from every figure.
"""

import glob
import os
import stat
from collections.abc import Iterator
from functools import cache, partial

from components.shared.storage.backend import FileState
from components.shared.storage.names import named
from components.shared.storage.passed_over import is_passed_over
from components.shared.storage.patterns import fixed_folder

FolderId = tuple[int, int]
"""Device and inode."""


def files_of(uri: str) -> Iterator[FileState]:
    """The files that a file, a folder or a pattern stands for, and what is passed over there.

    Raises:
        ValueError: A file or folder cannot be read, or a link leads nowhere; it is named.
    """
    # What is there by that name is no pattern, whatever characters it has.
    if status(uri) is not None:
        yield from _at(uri.rstrip(os.sep) or os.sep, ())
        return
    above = cache(partial(_folders_of_match, fixed_folder(uri).rstrip(os.sep)))
    for place in glob.glob(uri, recursive=True):
        match = place.rstrip(os.sep) or os.sep
        yield from _matched(match, above(os.path.dirname(match)))


def status(path: str) -> os.stat_result | None:
    """Size, time and kind of what is at a path, links followed; None: nothing is there.

    Raises:
        ValueError: A folder on the way cannot be entered.
    """
    try:
        return os.stat(path)
    except PermissionError as error:
        raise _refused(path, error) from error
    # A null character or a name that is too long is in no path.
    except (OSError, ValueError):
        return None


def _matched(place: str, above: tuple[FolderId, ...]) -> Iterator[FileState]:
    # A pattern's ** goes round in circles where a link leads back.
    if is_passed_over(os.path.basename(place)) or len(set(above)) < len(above):
        yield FileState(place, None, "", is_data=False)
    else:
        yield from _at(place, above)


def _folders_of_match(fixed: str, folder: str) -> tuple[FolderId, ...]:
    """Return what led to a match, from the pattern's fixed folder down to its own.

    It ends with the first folder that is there twice: further down a path has more links than the
    system follows.
    """
    on_the_way = []
    while folder not in ("", os.sep) and len(folder) >= len(fixed):
        on_the_way.append(folder)
        folder = os.path.dirname(folder)
    found: list[FolderId] = []
    for one in map(_id, map(_status, reversed(on_the_way))):
        found.append(one)
        if one in found[:-1]:
            break
    return tuple(found)


def _at(path: str, above: tuple[FolderId, ...]) -> Iterator[FileState]:
    """Yield a file, or the files below a folder.

    Args:
        path: What is there.
        above: The folders that led there.
    """
    found = _status(path)
    if stat.S_ISDIR(found.st_mode) and _id(found) not in above:
        for entry in _entries(path):
            if is_passed_over(entry.name):
                yield FileState(entry.path, None, "", is_data=False)
            else:
                yield from _at(entry.path, (*above, _id(found)))
    else:
        is_file = stat.S_ISREG(found.st_mode)
        yield FileState(path, found.st_size, str(found.st_mtime_ns), is_data=is_file)


def _id(found: os.stat_result) -> FolderId:
    return found.st_dev, found.st_ino


def _status(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except FileNotFoundError as error:
        raise ValueError(
            f"{named(path)!r} is a link that leads nowhere: mend it, or remove it."
        ) from error
    except OSError as error:
        raise _refused(path, error) from error


def _entries(folder: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError as error:
        raise ValueError(
            f"The folder {named(folder)!r} cannot be entered ({error.strerror}): let this user "
            "read it, or name another folder."
        ) from error


def _refused(path: str, error: OSError) -> ValueError:
    return ValueError(
        f"{named(path)!r} cannot be looked at ({error.strerror}): let this user enter its folder, "
        "or name another."
    )
