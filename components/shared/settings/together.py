"""Settings against each other: what each alone allows and all together do not."""

import re
from collections.abc import Mapping
from typing import Any

from components.shared.settings.table import check, defaults, known
from components.shared.settings.variants import (
    MAY_DIFFER,
    Variant,
    differences,
    may_differ,
    parse_variant,
)

TAKEN = (
    r"(devise$|softmax|random$|conse|(exem|eszsl|dgp)(_|$)|(devise_)?hierarchy$"
    r"|.*_(phase_1|calibrated)$|.*_vs_)"
)
"""Names that models of the method itself, or rows made from them, have."""

RANDOM = "random"
"""What the names of all models on random vectors begin with, and the values of labels_vectors."""

MOST_CORPORA = 150
"""A task a corpus, and the next is handed all of them in one argument, which Linux limits."""


def check_all(values: Mapping[str, Any]) -> None:
    """Check every value, and the values against each other.

    Raises:
        ValueError: The first that is not allowed.
    """
    for name, value in values.items():
        check(name, value)
    _check_together({**defaults(), **values})


def check_one_machine(values: Mapping[str, Any]) -> None:
    """Check that nothing is asked for that takes a cluster.

    Raises:
        ValueError: Several nodes are.
    """
    variants = (differences(parse_variant(text)) for text in values["devise_variants"])
    nodes = [(name, values[name]) for name in ("visual_nodes", "devise_nodes")]
    nodes += [("devise_nodes", found.get("devise_nodes", 1)) for found in variants]
    for name, number in nodes:
        if number > 1:
            raise ValueError(
                f"{name} is {number}, and several nodes take a cluster with Kubeflow Trainer: "
                "set it to 1 here, or submit the run to one (docs/cluster.md)."
            )


def _check_together(values: Mapping[str, Any]) -> None:
    if len(values["corpus_uris"]) > MOST_CORPORA:
        raise ValueError(
            f"corpus_uris has {len(values['corpus_uris'])} addresses, more than {MOST_CORPORA}: "
            "name many files by one pattern, such as s3://bucket/text/*.bz2, or by their folder."
        )
    if values["visual_input_size"] > values["visual_resize"]:
        raise ValueError(
            f"visual_input_size is {values['visual_input_size']}, larger than visual_resize "
            f"({values['visual_resize']}): a crop cannot exceed the image it is taken from."
        )
    outside = set(values["images_unseen"]) - set(values["images_classes"])
    if values["images_classes"] and outside:
        raise ValueError(
            f"images_unseen names {sorted(outside)[0]}, which images_classes leaves out: "
            "add it there or remove it here."
        )
    if set(values["images_classes"]) and set(values["images_classes"]) <= set(
        values["images_unseen"]
    ):
        raise ValueError("images_unseen holds out every class of images_classes: leave some in.")
    # Classes that only such a split has are unseen without being named.
    own_splits = set(values["images_zero_shot_splits"]) - set(values["images_held_out_splits"])
    held_out = values["images_unseen"] or own_splits
    if "unseen" in values["evaluate_zero_shot_sets"] and not held_out:
        raise ValueError(
            "evaluate_zero_shot_sets has 'unseen', but images_unseen is empty: name the classes "
            "to hold out, or set evaluate_zero_shot_sets to []."
        )
    _check_retrofitting(values)
    _check_variants(values)
    if values["skipgram_minimum_learning_rate"] > values["skipgram_learning_rate"]:
        raise ValueError(
            "skipgram_minimum_learning_rate is larger than skipgram_learning_rate: lower it."
        )


def _check_retrofitting(values: Mapping[str, Any]) -> None:
    if values["labels_retrofitting"] and values["labels_target"] != "mean_of_terms":
        raise ValueError(
            "labels_retrofitting moves a synset's one vector, and labels_target=first_term has one "
            "for each term: set labels_target=mean_of_terms too."
        )


def _check_variants(values: Mapping[str, Any]) -> None:
    names: set[str] = set()
    for text in values["devise_variants"]:
        variant = parse_variant(text)
        name = variant.name.removeprefix("devise_")
        if name in names or re.match(TAKEN, variant.name):
            raise ValueError(
                f"devise_variants calls a model {variant.name}, a name that is taken: choose "
                "another."
            )
        names.add(name)
        _check_differences(variant, values)


def _check_differences(variant: Variant, values: Mapping[str, Any]) -> None:
    for name in variant.settings:
        known(name)
        if not may_differ(name):
            raise ValueError(
                f"Variant {variant.name} sets {name}: only parameters that begin with "
                f"{' or '.join(MAY_DIFFER)} can differ from one model of a run to another."
            )
    differing = differences(variant)
    for name, value in differing.items():
        check(name, value)
    _check_retrofitting({**values, **differing})
    vectors = differing.get("labels_vectors", values["labels_vectors"])
    if variant.name.startswith(f"{RANDOM}_") and not str(vectors).startswith(RANDOM):
        raise ValueError(
            f"Variant {variant.name} counts as one on random vectors by its name, and its "
            f"labels_vectors is {vectors}: choose another name, or random_per_synset."
        )
    dim = differing.get("skipgram_dim", values["skipgram_dim"])
    if values["skipgram_pretrained_uri"] and dim != values["skipgram_dim"]:
        raise ValueError(
            f"Variant {variant.name} sets skipgram_dim={dim}, but the vectors of "
            f"skipgram_pretrained_uri have {values['skipgram_dim']} dimensions, and none are "
            "trained: leave it out of the variant."
        )
