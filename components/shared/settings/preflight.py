"""What is checked before any stage starts: the parameters, and the places that they name.

Inputs are there, and buckets can be written to.

Runs twice, on the command line before submission and in open_run on the cluster, so that a wrong
path or class costs seconds and not hours.
"""

from collections.abc import Mapping
from typing import Any

from components.shared.networks.pretrained import check_pretrained
from components.shared.settings.known_wnids import (
    WORDS_FILE,
    has_own_terms,
    known_wnids,
    listed_wnids,
)
from components.shared.settings.table import PARAMETERS
from components.shared.settings.together import check_all
from components.shared.storage import store


def check_before_start(values: Mapping[str, Any]) -> None:
    """Check parameters, inputs, and the buckets that are written to.

    Raises:
        ValueError: The first thing that is wrong, with the parameter's name.
    """
    check_all(values)
    edges = values["taxonomy_edges"]
    for name in (edges,) if has_own_terms(edges) else (WORDS_FILE, edges):
        _check_there("taxonomy_uri", store.join(values["taxonomy_uri"], name))
    for uri in values["corpus_uris"]:
        _check_there("corpus_uris", uri)
    for name in ("images_uri", "images_ground_truth_uri", "skipgram_pretrained_uri"):
        if values[name]:
            _check_there(name, values[name])
    members = _check_classes(values)
    check_pretrained(values, members)
    for name, parameter in PARAMETERS.items():
        if parameter.address == "written":
            _check_writable(name, values[name])


def _check_there(parameter: str, uri: str) -> None:
    try:
        store.first_file(uri)
    except ValueError as error:
        raise ValueError(f"{parameter}: {error}") from error


def _check_writable(parameter: str, uri: str) -> None:
    try:
        store.check_writable(uri)
    except ValueError as error:
        raise ValueError(f"{parameter}: {error}") from error


def _check_classes(values: Mapping[str, Any]) -> set[str]:
    """Check that every wnid is known; return those that must not be trained on."""
    known = known_wnids(values["taxonomy_uri"], values["taxonomy_edges"])
    lists = {name: values[name] for name in ("images_classes", "images_unseen")}
    for zero_shot_set in values["evaluate_zero_shot_sets"]:
        _, _, uri = zero_shot_set.partition("=")
        if uri:
            _check_there("evaluate_zero_shot_sets", uri)
            lists[f"evaluate_zero_shot_sets: {uri}"] = sorted(listed_wnids(uri))
    for name, wnids in lists.items():
        unknown = sorted(set(wnids) - known)
        if unknown:
            raise ValueError(
                f"{name} names {unknown[0]}, which the taxonomy {values['taxonomy_uri']} lacks"
                f" ({len(unknown)} such): correct the list or give another taxonomy."
            )
    return {wnid for name, wnids in lists.items() if name != "images_classes" for wnid in wnids}
