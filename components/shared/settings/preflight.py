"""What is checked before any stage starts: the parameters, and the places that they name.

Inputs are there, and buckets can be written to.

Runs twice, in the command that starts a run on this machine and in open_run, so that a wrong path
or class costs seconds and not hours. Whether the inputs can be read too is found out by
`pipeline.local.first_looks`, with the code of the stages that read them, which open_run's image
lacks.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from components.shared.execution.progress import say
from components.shared.images.splits import zero_shot_only
from components.shared.networks.architectures import is_timm
from components.shared.networks.pretrained import check_pretrained, is_checkpoint
from components.shared.settings.known_wnids import (
    WORDS_FILE,
    has_own_terms,
    known_wnids,
)
from components.shared.settings.table import PARAMETERS, group_of
from components.shared.settings.together import check_all
from components.shared.settings.variants import addresses_in
from components.shared.settings.zero_shot_sets import addresses_of, read_list
from components.shared.storage import store
from components.shared.vector_formats import check_dim, vector_format

MADE_ELSEWHERE = ("skipgram_pretrained_uri", "labels_vectors_uri", "labels_glosses_uri")
IMAGE_FILES = (".tar", ".parquet")
"""Endings of the files that hold many images."""


def check_before_start(values: Mapping[str, Any]) -> None:
    """Check parameters, inputs, and the buckets that are written to.

    Raises:
        ValueError: The first thing that is wrong, with the parameter's name.
    """
    check_all(values)
    _check_web_images(values["images_uri"])
    edges = values["taxonomy_edges"]
    for name in (edges,) if has_own_terms(edges) else (WORDS_FILE, edges):
        _check_there("taxonomy_uri", store.join(values["taxonomy_uri"], name))
    for uri in values["corpus_uris"]:
        _check_there("corpus_uris", uri)
    for name in ("images_uri", "images_ground_truth_uri", *MADE_ELSEWHERE):
        if values[name]:
            _check_there(name, values[name])
    if store.is_web(values["images_uri"]):
        # Images lie anywhere in the file, which is read in parts.
        store.read_range(values["images_uri"], 0, 1)
    check_classes(values)
    for uri in addresses_in(values["devise_variants"]):
        _check_there("devise_variants", uri)
    if uri := values["skipgram_pretrained_uri"]:
        check_dim(uri, vector_format(uri), values["skipgram_dim"])
    _check_network(values)
    _open_checkpoint(values)
    for name, parameter in PARAMETERS.items():
        if parameter.address == "written":
            with said_of(name):
                store.check_writable(values[name])


def _check_web_images(uri: str) -> None:
    if store.is_web(uri) and not uri.endswith(IMAGE_FILES):
        raise ValueError(
            f"images_uri: {store.shown(uri)!r} is on a web server, which lists no folders: give "
            f"the address of a file ({' or '.join(IMAGE_FILES)}), a path or an s3:// address."
        )


def _check_network(values: Mapping[str, Any]) -> None:
    """Ask timm for the network, in an environment that has what networks take."""
    if not is_timm(values["visual_architecture"]) or find_spec("torchvision") is None:
        return
    from components.shared.networks.timm_models import check_timm

    check_timm(values["visual_architecture"])


def _open_checkpoint(values: Mapping[str, Any]) -> None:
    """Read a checkpoint as pretrain_visual does, in an environment that has what it takes."""
    if not is_checkpoint(values["visual_pretrained"]):
        return
    if find_spec("torchvision") is None:
        say("visual_pretrained is there; this image has no torch, so that pretrain_visual opens it")
        return
    from components.shared.networks.weights import read_pretrained

    read_pretrained(group_of("visual", values))


def _check_there(parameter: str, uri: str) -> None:
    with said_of(parameter):
        store.first_file(uri)


@contextmanager
def said_of(parameter: str) -> Iterator[None]:
    """Name a parameter in what is raised while the block lasts.

    Raises:
        ValueError: With the parameter before the message.
    """
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{parameter}: {error}") from error


def check_classes(values: Mapping[str, Any]) -> None:
    """Check the classes that are named, and that weights to start from may be taken for them.

    Raises:
        ValueError: A wnid is unknown, or weights have seen a class that is held out.
    """
    check_pretrained(values, _held_out(values))


def _held_out(values: Mapping[str, Any]) -> set[str]:
    """Check that every wnid is known; return those that must not be trained on."""
    known = known_wnids(values["taxonomy_uri"], values["taxonomy_edges"])
    for name in ("images_classes", "images_unseen"):
        unknown = sorted(set(values[name]) - known)
        if unknown:
            raise ValueError(
                f"{name} names {unknown[0]}, which the taxonomy {values['taxonomy_uri']} lacks"
                f" ({len(unknown)} such): correct the list or give another taxonomy."
            )
    return {*values["images_unseen"], *_listed(values, known)}


def _listed(values: Mapping[str, Any], known: set[str]) -> set[str]:
    """The wnids of all lists of zero-shot sets, read as map_synsets reads them."""
    seen, listed = _seen(values), set[str]()
    for uri in filter(None, addresses_of(values["evaluate_zero_shot_sets"]).values()):
        with said_of("evaluate_zero_shot_sets"):
            listed.update(read_list(uri, seen, known))
    return listed


def _seen(values: Mapping[str, Any]) -> set[str]:
    """The seen classes, where the settings alone tell them; else none."""
    # A class of such a split may be unseen by nature.
    if zero_shot_only(group_of("images", values)):
        return set()
    return set(values["images_classes"]) - set(values["images_unseen"])
