"""The state of everything that a run reads from outside: the same address, has it other content?

Stages are handed the state beside the address, so that KFP's cache and the one on this machine see
the same: equal settings, equal inputs, equal sources, equal code.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from components.shared.networks.pretrained import pretrained_sources
from components.shared.settings.known_wnids import taxonomy_files
from components.shared.settings.variants import addresses_in
from components.shared.storage.fingerprint import source_state

States = dict[str, str]
"""State of what lies at an address, by address."""


def source_states(values: Mapping[str, Any]) -> dict[str, States]:
    """Read the state of every source, by the group of settings whose stage reads it.

    Args:
        values: Every setting by its public name.

    Raises:
        ValueError: Nothing is at an address.
    """
    weights = values["visual_pretrained"], values["visual_pretrained_classes_uri"]
    return {
        "taxonomy": _states(taxonomy_files(values["taxonomy_uri"], values["taxonomy_edges"])),
        "corpus": _states(values["corpus_uris"]),
        "skipgram": _states([values["skipgram_pretrained_uri"]]),
        "images": _states([values["images_uri"], values["images_ground_truth_uri"]]),
        "visual": _states(pretrained_sources(*weights) if weights[0] else []),
        "labels": _states(
            [
                *list_addresses(values["evaluate_zero_shot_sets"]),
                *(values["labels_vectors_uri"], *addresses_in(values["devise_variants"])),
                values["labels_glosses_uri"],
            ]
        ),
    }


def _states(uris: Iterable[str]) -> States:
    return {uri: source_state(uri) for uri in uris if uri}


def list_addresses(zero_shot_sets: Iterable[str]) -> list[str]:
    """Return the address of each set's list, empty of one that has none."""
    return [specification.partition("=")[2] for specification in zero_shot_sets]
