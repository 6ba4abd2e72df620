"""Every parameter of the pipeline: name, default, what it means and which values it takes.

The one table that the run form, the command line, the stages' defaults and the checks agree with.
A parameter's prefix is the stage, or group of stages, that reads it.
"""

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.shared.networks.architectures import ARCHITECTURES
from components.shared.settings.variants import MAY_DIFFER, parse_variant, read_as

Value = str | int | float | bool | list[str]


@dataclass(frozen=True)
class Parameter:
    """One parameter.

    Attributes:
        name: as it is written on the command line and in the run form.
        default: its type is the parameter's type.
        description: for the person who fills in the form.
        minimum: smallest number allowed.
        maximum: largest number allowed.
        choices: the only texts allowed.
        pattern: what each text (of a list: each element) must match in full.
        required: whether it must not be empty.
    """

    name: str
    default: Value
    description: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    pattern: str = ""
    required: bool = False


WNID = r"n\d{8}"
ZERO_SHOT_SET = r"unseen|2-hop|3-hop|all|[a-z0-9_-]+=.+"
TAKEN = r"(devise$|softmax|random|conse|.*_phase_1$|.*_vs_)"
SPLIT = r"[A-Za-z0-9_-]+"

_RUN = (
    Parameter("seed", 0, "Seed of the splits, the vectors and their twins.", 0, 2**31 - 1),
    Parameter("training_seed", 0, "Seed of the visual and the DeViSE training.", 0, 2**31 - 1),
    Parameter("run_name", "devise", "Name of the MLflow run.", required=True),
    Parameter("mlflow_experiment", "devise", "MLflow experiment of the run.", required=True),
    Parameter(
        "checkpoints_uri",
        "",
        "Where stages keep the state they resume from: a folder or s3://; empty: in the run's "
        "folder on one machine.",
    ),
    Parameter(
        "precision",
        "bf16",
        "Arithmetic of the visual network: bf16 (autocast) or fp32.",
        choices=("bf16", "fp32"),
    ),
)
_TAXONOMY = (
    Parameter(
        "taxonomy_uri",
        "",
        "Folder or s3:// prefix with the hierarchy and words.txt (wnid, tab, terms; optional where "
        "the hierarchy has terms of its own).",
        required=True,
    ),
    Parameter(
        "taxonomy_edges",
        "imagenet.structure.txt",
        "The hierarchy in that folder: an edge list (with 'is_a' in its name its lines are parent, "
        "child), WordNet's data.noun, or structure_released.xml.",
        required=True,
    ),
)
_CORPUS = (
    Parameter(
        "corpus_uris",
        [],
        "Text to learn word vectors from: MediaWiki dumps, WikiExtractor's output or plain text, "
        "also bz2 or gz; files, folders or patterns, local or s3://, or http(s):// files; each is "
        "a task of its own.",
        required=True,
    ),
    Parameter(
        "corpus_unit",
        "article",
        "What a line of the corpus is; a skip-gram window stops at its end.",
        choices=("article", "paragraph"),
    ),
    Parameter(
        "corpus_maximum_tokens", 10_000, "Longer units are cut into lines of this.", 1, 10_000
    ),
)
_SKIPGRAM = (
    Parameter("skipgram_dim", 500, "Dimensions of the word vectors.", 1, 4096),
    Parameter("skipgram_window", 20, "Words on either side that a word predicts.", 1, 1000),
    Parameter("skipgram_epochs", 1, "Passes over the corpus (the paper: one).", 1, 1000),
    Parameter(
        "skipgram_minimum_count",
        5,
        "Rarer words are left out; the taxonomy's terms are always kept.",
        1,
    ),
    Parameter(
        "skipgram_vocabulary_size",
        0,
        "Most frequent words kept beside the taxonomy's terms; 0: all.",
        0,
    ),
    Parameter("skipgram_learning_rate", 0.025, "Learning rate at the start.", 1e-6, 1.0),
    Parameter("skipgram_minimum_learning_rate", 0.0001, "Learning rate at the end.", 0.0, 1.0),
    Parameter(
        "skipgram_subsampling", 0.0001, "Words more frequent than this are thinned; 0: none.", 0, 1
    ),
    Parameter("skipgram_workers", 1, "Threads; only 1 gives the same vectors each time.", 1, 1024),
    Parameter("skipgram_block_tokens", 5_000_000, "Tokens between two checkpoints.", 1_000, 10**12),
    Parameter(
        "skipgram_phrase_passes",
        0,
        "Times that common phrases are learned and joined before training; 2 passes join up to 4 "
        "words; 0: none.",
        0,
        4,
    ),
    Parameter(
        "skipgram_phrase_threshold", 10.0, "Score above which two words are a phrase.", 0.001
    ),
    Parameter(
        "skipgram_phrase_minimum_count",
        50,
        "Taken off a pair's count in its score: a phrase occurs more often than this.",
        1,
    ),
    Parameter(
        "skipgram_pretrained_uri",
        "",
        "Word vectors made elsewhere (word2vec, GloVe or fastText), taken instead of training.",
    ),
    Parameter(
        "skipgram_probe_terms",
        ["tiger shark", "car"],
        "Terms whose nearest neighbours are recorded.",
    ),
)
_IMAGES = (
    Parameter(
        "images_uri",
        "",
        "Folder or s3:// prefix with images in folders, tars or parquet: see the README.",
        required=True,
    ),
    Parameter("images_classes", [], "Only these classes (wnids); empty: all.", pattern=WNID),
    Parameter(
        "images_unseen", [], "Classes (wnids) held out of all training: zero-shot.", pattern=WNID
    ),
    Parameter(
        "images_held_out_splits",
        ["val"],
        "The source's splits that give validation and test images of seen classes.",
        pattern=SPLIT,
        required=True,
    ),
    Parameter(
        "images_zero_shot_splits",
        ["val"],
        "The source's splits that give test images of unseen classes.",
        pattern=SPLIT,
        required=True,
    ),
    Parameter(
        "images_validation_share",
        0.1,
        "Share of the held-out images of seen classes that choices are made on.",
        0.01,
        0.99,
    ),
    Parameter("images_per_class", 0, "First images of a class and split; 0: all.", 0),
    Parameter(
        "images_ground_truth_uri",
        "",
        "List of the classes of a split without class folders, such as ILSVRC's validation, or of "
        "the wnids of a parquet's numbered classes.",
    ),
    Parameter(
        "images_leave_out_duplicates",
        False,
        "Whether test images that are also training images, byte for byte, are left out.",
    ),
    Parameter(
        "images_store_uri",
        "",
        "Where packed images are kept: a folder or s3://; empty: in the run's folder on one "
        "machine.",
    ),
    Parameter("images_short_side", 256, "Larger images are scaled to this short side.", 16, 4096),
    Parameter("images_quality", 90, "JPEG quality of what is encoded again.", 1, 100),
    Parameter("images_shard_megabytes", 256, "Size of a shard.", 1, 4096),
)
_VISUAL = (
    Parameter(
        "visual_architecture",
        "alexnet",
        "Any torchvision classification model, or small_resnet18.",
        choices=ARCHITECTURES,
    ),
    Parameter("visual_input_size", 224, "Side of the network's input, pixels.", 16, 1024),
    Parameter("visual_resize", 256, "Short side that crops are taken from, pixels.", 16, 1024),
    Parameter(
        "visual_crop_scale",
        1.0,
        "Smallest share of the area a training crop takes; 1: the paper's plain random crop.",
        0.01,
        1.0,
    ),
    Parameter("visual_epochs", 90, "Most epochs of pretraining; 0: none.", 0, 10_000),
    Parameter(
        "visual_patience",
        10,
        "Epochs without a better validation hit@1 before it stops; 0: never.",
        0,
    ),
    Parameter("visual_batch_size", 128, "Images in a batch.", 1, 65_536),
    Parameter("visual_learning_rate", 0.01, "Highest learning rate (SGD).", 1e-6, 10.0),
    Parameter("visual_momentum", 0.9, "Nesterov momentum.", 0.0, 0.999),
    Parameter("visual_weight_decay", 0.0005, "Weight decay, not on biases and norms.", 0.0, 1.0),
    Parameter("visual_warmup_epochs", 1.0, "Epochs of linear warm-up.", 0.0, 1000.0),
    Parameter("visual_label_smoothing", 0.0, "Label smoothing.", 0.0, 0.9),
    Parameter(
        "visual_pretrained",
        "",
        "Weights to start from: torchvision's by name (DEFAULT, IMAGENET1K_V1), or the address of "
        "a visual model or a checkpoint.",
    ),
    Parameter(
        "visual_pretrained_classes_uri",
        "",
        "List of wnids, one line an output, of weights that do not know them.",
    ),
    Parameter(
        "visual_allow_unseen_overlap",
        False,
        "Whether to go on where the pretrained weights have seen a zero-shot class.",
    ),
    Parameter(
        "visual_continued_learning_rate",
        0.01,
        "Highest learning rate of softmax_continued, the classifier trained on for as many epochs "
        "as phase 2.",
        1e-6,
        10.0,
    ),
)
_LABELS = (
    Parameter(
        "labels_minimum_count", 5, "A rarer term has no vector; a synonym stands in for it.", 1
    ),
    Parameter(
        "labels_target",
        "first_term",
        "Vector of a synset: of its first term (the paper), or the mean of its terms'.",
        choices=("first_term", "mean_of_terms"),
    ),
    Parameter(
        "labels_retrofitting",
        0.0,
        "Weight of a synset's neighbours in the hierarchy against its own vector; above 0 only "
        "with labels_target=mean_of_terms.",
        0.0,
        100.0,
    ),
    Parameter("labels_centred", False, "Whether the seen labels' mean vector is subtracted."),
)
_DEVISE = (
    Parameter(
        "devise_loss",
        "rank",
        "Hinge rank loss (eq. 1), L2, or cross-entropy of a softmax over cosines.",
        choices=("rank", "l2", "cross_entropy"),
    ),
    Parameter("devise_margin", 0.1, "Margin of the hinge rank loss.", 0.0, 2.0),
    Parameter(
        "devise_margin_scaling",
        "constant",
        "Whether the margin shrinks between related labels, by 1 less their cosine.",
        choices=("constant", "relatedness"),
    ),
    Parameter(
        "devise_violators",
        "random",
        "False labels in the loss: a random violator (the paper), the first in a fixed order, all.",
        choices=("random", "fixed_order", "all"),
    ),
    Parameter(
        "devise_temperature", 0.05, "What cosines are divided by in the cross-entropy.", 1e-3, 10.0
    ),
    Parameter(
        "devise_soft_label_share",
        0.0,
        "Share of the cross-entropy's targets that is spread over all labels, the most to those "
        "nearest in the hierarchy.",
        0.0,
        1.0,
    ),
    Parameter(
        "devise_soft_label_beta",
        0.5,
        "How fast that falls with each hop between labels: exp(-beta hops).",
        0.01,
        100.0,
    ),
    Parameter(
        "devise_normalise_projection",
        True,
        "Whether the projected image is normalised in training too.",
    ),
    Parameter("devise_bias", False, "Whether the projection has a bias."),
    Parameter("devise_batch_size", 128, "Images in a batch.", 1, 65_536),
    Parameter("devise_phase_1_epochs", 20, "Epochs of the projection alone (SGD).", 1, 10_000),
    Parameter("devise_phase_1_learning_rate", 0.1, "Learning rate of phase 1.", 1e-6, 100.0),
    Parameter("devise_phase_1_momentum", 0.9, "Momentum of phase 1.", 0.0, 0.999),
    Parameter("devise_phase_1_views", 4, "Augmented views of each image cached.", 1, 1000),
    Parameter("devise_phase_2_epochs", 4, "Epochs of the whole network (Adagrad).", 0, 10_000),
    Parameter("devise_phase_2_learning_rate", 0.001, "Learning rate of the projection.", 0.0, 10.0),
    Parameter(
        "devise_phase_2_trunk_learning_rate",
        0.0001,
        "Learning rate of the visual network.",
        0.0,
        10.0,
    ),
    Parameter("devise_phase_2_accumulator", 1e-8, "Initial accumulator of Adagrad.", 0.0, 1000.0),
    Parameter(
        "devise_freeze_batchnorm", True, "Whether BatchNorm keeps its statistics in phase 2."
    ),
    Parameter("devise_dropout", True, "Whether the visual network's dropout is on in phase 2."),
    Parameter(
        "devise_variants",
        ["devise_l2: devise_loss=l2"],
        "More models to train and compare, at least one: each a name and the parameters in which "
        "it differs.",
        required=True,
    ),
)
_EVALUATE = (
    Parameter(
        "evaluate_zero_shot_sets",
        ["unseen"],
        "Zero-shot label sets: 'unseen' (all classes held out), '2-hop', '3-hop', 'all' (of the "
        "hierarchy; a list named all bounds the others), or name=address of a wnid list.",
        pattern=ZERO_SHOT_SET,
    ),
    Parameter("evaluate_conse_top", 10, "Softmax classes that ConSE combines.", 1, 100_000),
    Parameter(
        "evaluate_bootstrap_samples", 1000, "Resamples of the images for intervals.", 100, 100_000
    ),
)
_REPORT = (Parameter("report_gallery_images", 24, "Test images shown in the report.", 0, 1000),)
_REGISTER = (
    Parameter("register_model_name", "devise", "Name in the MLflow model registry.", required=True),
    Parameter(
        "register_metric",
        "flat_hit_at_1",
        "What the champion is chosen by, on validation images.",
        choices=("flat_hit_at_1", "hierarchical_precision_at_5"),
    ),
    Parameter("register_minimum_gain", 0.0, "Gain that moves the champion alias.", -1.0, 1.0),
)
GROUPS: dict[str, tuple[Parameter, ...]] = {
    "run": _RUN,
    "taxonomy": _TAXONOMY,
    "corpus": _CORPUS,
    "skipgram": _SKIPGRAM,
    "images": _IMAGES,
    "visual": _VISUAL,
    "labels": _LABELS,
    "devise": _DEVISE,
    "evaluate": _EVALUATE,
    "report": _REPORT,
    "register": _REGISTER,
}
PARAMETERS: dict[str, Parameter] = {p.name: p for group in GROUPS.values() for p in group}


def defaults() -> dict[str, Value]:
    """Default of every parameter."""
    return {name: parameter.default for name, parameter in PARAMETERS.items()}


def known(name: str) -> Parameter:
    """The parameter of that name.

    Raises:
        ValueError: there is none; the nearest names are given.
    """
    if name not in PARAMETERS:
        near = difflib.get_close_matches(name, PARAMETERS, 3, 0.5)
        hint = f"did you mean {' or '.join(near)}?" if near else "see 'pipeline.py parameters'."
        raise ValueError(f"There is no parameter {name!r}: {hint}")
    return PARAMETERS[name]


def check(name: str, value: Any) -> None:
    """Check one value against its parameter's type and range.

    Raises:
        ValueError: it is not allowed; the sentence names the parameter and what is.
    """
    parameter = known(name)
    if not _has_type(value, parameter.default):
        raise ValueError(f"{name} is {value!r}: give {_type_name(parameter.default)}.")
    if parameter.required and value in ("", []):
        raise ValueError(f"{name} is empty: give it a value. It means: {parameter.description}")
    if isinstance(value, bool):
        return
    if isinstance(value, int | float):
        _check_range(parameter, value)
    _check_texts(parameter, value if isinstance(value, list) else [value])


def _has_type(value: Any, default: Value) -> bool:
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(default, bool) and isinstance(value, bool)
    if isinstance(default, float):
        return isinstance(value, int | float)
    return isinstance(value, type(default))


def _type_name(default: Value) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return names.get(type(default), 'a list of texts, such as ["a", "b"]')


def _check_range(parameter: Parameter, value: float) -> None:
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and not value >= low) or (high is not None and not value <= high):
        allowed = f"from {low:g}" + (f" to {high:g}" if high is not None else " up")
        raise ValueError(f"{parameter.name} is {value}: allowed is {allowed}.")


def _check_texts(parameter: Parameter, values: list[Any]) -> None:
    for value in values:
        if parameter.choices and value not in parameter.choices:
            near = difflib.get_close_matches(value, parameter.choices, 3, 0.5)
            options = near if near and len(parameter.choices) > 10 else parameter.choices
            raise ValueError(
                f"{parameter.name} is {value!r}: choose {' or '.join(map(repr, options))}."
            )
        if parameter.pattern and not re.fullmatch(parameter.pattern, value):
            raise ValueError(
                f"{parameter.name} has {value!r}: each must match {parameter.pattern}."
            )
    if len(set(values)) < len(values):
        twice = next(value for value in values if values.count(value) > 1)
        raise ValueError(f"{parameter.name} names {twice!r} twice: name it once.")


def check_all(values: Mapping[str, Any]) -> None:
    """Check every value, and the values against each other.

    Raises:
        ValueError: the first that is not allowed.
    """
    for name, value in values.items():
        check(name, value)
    _check_together({**defaults(), **values})


def _check_together(values: Mapping[str, Any]) -> None:
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
        for name, value in variant.settings.items():
            if not name.startswith(MAY_DIFFER) or name == "devise_variants":
                raise ValueError(
                    f"Variant {variant.name} sets {name}: only parameters that begin with "
                    f"{' or '.join(MAY_DIFFER)} can differ from one model of a run to another."
                )
            check(name, read_as(value, known(name).default))
        read = {n: read_as(v, known(n).default) for n, v in variant.settings.items()}
        _check_retrofitting({**values, **read})
