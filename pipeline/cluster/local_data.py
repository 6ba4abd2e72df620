"""What lies on this machine cannot be read by a cluster: it is refused, or uploaded beforehand."""

import os
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from components.shared.settings.parameter import Value
from components.shared.storage import store
from components.shared.storage.patterns import fixed_folder, is_pattern
from pipeline.local.addresses import addresses, named_addresses, replaced

WRITTEN = {"checkpoints_uri": "checkpoints", "images_store_uri": "packed"}
"""Where a run writes below the prefix, where nothing else is said."""

AT_ONCE, EVERY = 8, 200
"""Uploads under way at a time, and after how many a line says so."""

Say = Callable[[str], None]


def refuse_local(values: Mapping[str, Value]) -> None:
    """Check that a cluster can read and write every address.

    Raises:
        ValueError: One is a path of this machine, or what is written has no place.
    """
    for role in ("read", "written"):
        for name, address in named_addresses(values, role):
            if not store.is_remote(address):
                advice = ", or --upload-data s3://bucket/prefix" if role == "read" else ""
                raise ValueError(
                    f"{name} is {address!r}, a path of this machine, which a cluster cannot reach: "
                    f"give an s3:// address{advice}."
                )
    for name in WRITTEN:
        if not values[name]:
            raise ValueError(
                f"{name} is empty: on a cluster give an s3:// address that outlives pods."
            )


def uploaded_values(values: Mapping[str, Value], prefix: str) -> dict[str, Value]:
    """The values with local addresses where `upload_data` puts their files.

    Where the run's checkpoints and packed images go is set too, where it is empty.

    Args:
        values: Every setting.
        prefix: Such as `s3://bucket/prefix`.

    Raises:
        ValueError: The prefix is no s3:// address.
    """
    if not store.is_s3(prefix):
        raise ValueError(f"--upload-data is {prefix!r}: give s3://bucket/prefix.")
    local = _local(values)
    common = _common_folder(local)
    there = {path: _below(prefix, path, common) for path in local}
    filled = {name: values[name] or store.join(prefix, folder) for name, folder in WRITTEN.items()}
    return replaced({**values, **filled}, lambda address: there.get(address, address))


def upload_data(values: Mapping[str, Value], prefix: str, say: Say) -> None:
    """Upload every local file that the values name; what is there with equal size stays.

    Args:
        values: Every setting.
        prefix: Such as `s3://bucket/prefix`.
        say: Prints a line.

    Raises:
        ValueError: An address names no file, the store refuses, or below the prefix lie files that
            the run would read and that are not here.
    """
    local = _local(values)
    common = _common_folder(local)
    for path in local:
        _upload(path, common, prefix, say)


def _local(values: Mapping[str, Value]) -> list[str]:
    return [path for path in addresses(values, "read") if not store.is_remote(path)]


def _upload(path: str, common: str, prefix: str, say: Say) -> None:
    files = store.states(path)
    sizes = _sizes(_below(prefix, path, common))
    places = [(state, _below(prefix, state.uri, common)) for state in files]
    _refuse_others(_below(prefix, path, common), {place for _, place in places})
    missing = [(state, place) for state, place in places if sizes.get(place) != state.size]
    megabytes = sum(state.size or 0 for state, _ in missing) / 1e6
    say(f"{path}: {len(missing)} of {len(files)} files to upload, {megabytes:,.1f} MB")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        sent = pool.map(lambda pair: store.upload(Path(pair[0].uri), pair[1]), missing)
        for number, _ in enumerate(sent, 1):
            if number % EVERY == 0 or number == len(missing):
                say(f"  {number} of {len(missing)}")


def _refuse_others(target: str, places: Collection[str]) -> None:
    """Refuse what an earlier upload has left at an address and what a run would read with ours."""
    others = sorted(set(store.found_files(target)) - set(places))
    if others:
        raise ValueError(
            f"{target}: {others[0]} is not on this machine ({len(others):,} such files), and the "
            "run would read it too: remove them there, or name another prefix."
        )


def _sizes(target: str) -> dict[str, int | None]:
    """Bytes of what is at an address already, by address."""
    folder = (fixed_folder(target) if is_pattern(target) else target).rstrip("/")
    return {state.uri: state.size for state in store.states(folder)} if store.exists(folder) else {}


def _below(prefix: str, path: str, common: str) -> str:
    """Address of what lies below the common folder, below the prefix."""
    return store.join(prefix, os.path.relpath(os.path.abspath(path), common))


def _common_folder(paths: list[str]) -> str:
    """The folder that holds every address, and of a pattern the folder that holds its files'."""
    fixed = [fixed_folder(path) or "." if is_pattern(path) else path for path in paths]
    parents = [os.path.dirname(os.path.abspath(path)) for path in fixed]
    return os.path.commonpath(parents) if parents else ""
