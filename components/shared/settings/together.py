"""Settings against each other: what each alone allows and all together do not."""

import math
import re
from collections.abc import Mapping
from typing import Any

from components.shared.settings.table import check, defaults, known
from components.shared.settings.variants import (
    MAY_DIFFER,
    OF_THE_RUN,
    SAW_IMAGES,
    Variant,
    differences,
    may_differ,
    parse_variant,
)
from components.shared.settings.zero_shot_sets import addresses_of

TAKEN = (
    r"(devise$|softmax|random$|conse|(exem|eszsl|dgp)(_|$)|(devise_)?hierarchy$"
    r"|.*_(phase_1|calibrated)$|.*_vs_"
    r"|(chance|better_softmax|label_space|zero_shot_contaminated|visual)$)"
)
"""Names that models of the method itself, rows made from them, or other figures have."""

CALIBRATED = r"((devise|random)$|(conse|exem|eszsl|dgp)(_|$))(?!.*_(phase_1|calibrated)$)"
"""Rows of the method itself that rank unseen labels by a score, and may have a penalty."""

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
    addresses_of(values["evaluate_zero_shot_sets"])
    _check_retrofitting(values)
    _check_label_vectors("devise", values)
    _check_variants(values)
    _check_penalties(values)
    if values["skipgram_minimum_learning_rate"] > values["skipgram_learning_rate"]:
        raise ValueError(
            "skipgram_minimum_learning_rate is larger than skipgram_learning_rate: lower it."
        )


def _check_retrofitting(values: Mapping[str, Any]) -> None:
    one_each = values["labels_target"] == "mean_of_terms" or values["labels_vectors_uri"]
    if values["labels_retrofitting"] and not one_each:
        raise ValueError(
            "labels_retrofitting moves a synset's one vector, and labels_target=first_term has one "
            "for each term: set labels_target=mean_of_terms too."
        )


def _check_label_vectors(model: str, values: Mapping[str, Any]) -> None:
    uri, trained_on = values["labels_vectors_uri"], values["labels_vectors_trained_on"]
    if bool(uri) != (trained_on != "none"):
        raise ValueError(
            f"labels_vectors_trained_on is {trained_on} and labels_vectors_uri is {uri!r}: give "
            "both, text or images_and_text with the file, or neither."
        )
    if (trained_on == "images_and_text") != model.startswith(SAW_IMAGES):
        raise ValueError(
            f"{model} has labels_vectors_trained_on={trained_on}: label vectors that were trained "
            "on images may have learned the unseen classes from them, so only variants whose names "
            f"begin with {SAW_IMAGES} have them, and every table says so by their names."
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


def _check_penalties(values: Mapping[str, Any]) -> None:
    variants = {parse_variant(text).name for text in values["devise_variants"]}
    names: set[str] = set()
    for text in values["evaluate_penalties"]:
        name, _, penalty = text.partition("=")
        if name in names:
            raise ValueError(f"evaluate_penalties names {name} twice: give it one penalty.")
        if not math.isfinite(float(penalty)):
            raise ValueError(
                f"evaluate_penalties has {text!r}, which is beyond the largest number: give "
                f"{name} a penalty like its scores."
            )
        if name not in variants and not re.match(CALIBRATED, name):
            raise ValueError(
                f"evaluate_penalties names {name}, which is no model that scores unseen labels: "
                "name devise, random, conse, another baseline or one of devise_variants."
            )
        names.add(name)


def _check_differences(variant: Variant, values: Mapping[str, Any]) -> None:
    for name in variant.settings:
        known(name)
        if not may_differ(name):
            raise ValueError(
                f"Variant {variant.name} sets {name}: only parameters that begin with "
                f"{' or '.join(MAY_DIFFER)} can differ from one model of a run to another, but for "
                f"{' and '.join(OF_THE_RUN)}."
            )
    differing = differences(variant)
    for name, value in differing.items():
        check(name, value)
    _check_retrofitting({**values, **differing})
    _check_label_vectors(variant.name, {**values, **differing})
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
