"""Sets of settings, each with its command, hardware, time and measured result.

A run's values are resolved in this order: defaults, the preset's, the settings that a person gives,
the pipeline's own fields.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from components.shared.settings.parameter import Value, from_text, number_as_declared
from components.shared.settings.table import defaults, known
from components.shared.settings.tiny_imagenet_folds import TINY_IMAGENET_FOLDS

Preset = dict[str, Value]

FIELDS = (
    "taxonomy_uri",
    "corpus_uris",
    "images_uri",
    "images_store_uri",
    "checkpoints_uri",
    "run_name",
    "mlflow_experiment",
    "seed",
    "training_seed",
)
"""Settings that are fields of the run form, beside `preset` and `settings`."""

# A third of the 72, one or two of each sort: others of it are seen.
QUICKSTART_UNSEEN: list[str] = [
    "n90110004",  # starling
    "n90120002",  # kingfisher
    "n90130003",  # partridge
    "n90210001",  # tiger shark
    "n90210003",  # leopard shark
    "n90220002",  # surgeonfish
    "n90220005",  # damselfish
    "n90310003",  # lime
    "n90320001",  # strawberry
    "n90320005",  # cranberry
    "n90410001",  # fire engine
    "n90410003",  # ambulance
    "n90420004",  # taxi
    "n90420005",  # garbage truck
    "n90510004",  # sunflower
    "n90520002",  # tiger lily
    "n90520004",  # hyacinth
    "n90610004",  # honeybee
    "n90620003",  # katydid
    "n90630004",  # swallowtail
    "n90710002",  # tiger
    "n90710005",  # snow leopard
    "n90720001",  # zebra
    "n90720004",  # fallow deer
]

TINY_IMAGENET_UNSEEN: list[str] = list(TINY_IMAGENET_FOLDS.folds[0])

# The best options known, found on inner splits of fold 0: docs/tuning.md.
_BEST_OPTIONS = (
    "labels_target=mean_of_terms labels_retrofitting=2.0 labels_centred=true "
    "devise_loss=cross_entropy devise_temperature=0.1 devise_soft_label_share=0.5 "
    "devise_soft_label_beta=0.3 devise_phase_2_learning_rate=0.003 "
    "devise_phase_2_trunk_learning_rate=0.0003"
)
BEST = f"devise_best: {_BEST_OPTIONS}"
# The best with the rank loss, which sees the hierarchy nowhere.
RANK_BEST = (
    "devise_rank_best: labels_target=mean_of_terms labels_centred=true devise_margin=0.4 "
    "devise_margin_scaling=relatedness devise_violators=all devise_phase_1_learning_rate=0.02"
)

# What decides whether a gain comes from words: random vectors, a row a synset; the same with all
# that the best has; and the best as it is, from random words.
WITHOUT_WORDS = (
    "random_per_synset: labels_vectors=random_per_synset",
    f"random_best: labels_vectors=random_per_synset {_BEST_OPTIONS}",
    f"devise_best_no_text: labels_vectors=random_words {_BEST_OPTIONS}",
)

QUICKSTART: Preset = {
    # make run
    # 2 cores, no GPU: 45 s. Zero-shot hit@1 54 % of 24 classes (chance 4 %); on the 48 seen classes
    # hp@5 65 % (random vectors 44 %), hit@1 65 % (softmax 69 %).
    "taxonomy_uri": "data/quickstart/taxonomy",
    "corpus_uris": ["data/quickstart/text/*.txt", "data/quickstart/text/*.bz2"],
    "skipgram_dim": 64,
    "skipgram_epochs": 3,
    "skipgram_subsampling": 0.001,
    "skipgram_block_tokens": 200_000,
    "images_uri": "data/quickstart/images",
    "images_unseen": QUICKSTART_UNSEEN,
    "images_shard_megabytes": 4,
    "visual_architecture": "shufflenet_v2_x0_5",
    "visual_input_size": 40,
    "visual_resize": 46,
    "visual_crop_scale": 0.5,
    "visual_epochs": 12,
    "visual_patience": 0,
    "visual_batch_size": 64,
    "visual_learning_rate": 0.1,
    "precision": "fp32",
    "devise_batch_size": 32,
    "devise_phase_1_epochs": 20,
    "devise_phase_1_views": 2,
    "devise_phase_2_epochs": 1,
    "baselines_dgp_hidden": 128,
    "baselines_dgp_steps": 200,
    "baselines_dgp_learning_rate": 0.005,
}

TINY_IMAGENET: Preset = {
    # python pipeline.py run --preset tiny_imagenet --output runs/tiny_imagenet
    #   --set taxonomy_uri=... --set images_uri=... --set 'corpus_uris=["...", "..."]'
    # 2 cores, no GPU: about an hour. Fold 1 with labels_glosses_uri: hit@1 40.1 %, devise_best
    # 40.5 % (softmax 43.7 %); hp@5 .295, devise_best .349 (softmax .294, with the hierarchy .513).
    # Zero-shot hit@1 13.0 %, devise_best 22.9 % (without words 12.6 %, EXEM 23.8 %, chance 2.5 %).
    # docs/results.md
    "skipgram_dim": 300,
    "skipgram_epochs": 2,
    "skipgram_workers": 2,
    "skipgram_phrase_passes": 1,
    "skipgram_phrase_threshold": 50.0,
    "images_unseen": TINY_IMAGENET_UNSEEN,
    "visual_architecture": "small_resnet18",
    "visual_input_size": 64,
    "visual_resize": 64,
    "visual_crop_scale": 0.35,
    "visual_epochs": 38,
    "visual_half_size_epochs": 26,
    "visual_label_smoothing": 0.1,
    "visual_patience": 0,
    "visual_learning_rate": 0.2,
    "devise_phase_1_views": 2,
    "devise_phase_2_epochs": 2,
    "devise_variants": [
        BEST,
        RANK_BEST,
        "devise_l2: devise_loss=l2",
        "devise_fixed_order: devise_violators=fixed_order devise_phase_2_epochs=0",
        *WITHOUT_WORDS,
    ],
    "baselines_hierarchy_beta": 0.4,
    "baselines_conse_hierarchy_top": 0,
    "baselines_exem_bandwidth": 0.5,
    "baselines_exem_ridge": 1.0,
    "baselines_exem_standardised": True,
    "baselines_eszsl_lambda": 0.1,
    "baselines_dgp_steps": 300,
    "baselines_dgp_learning_rate": 0.005,
    "evaluate_penalties": [
        "devise=0.177",
        "devise_best=0.16",
        "devise_rank_best=0.189",
        "conse=0.503",
        "conse_hierarchy=0.307",
        "exem_best=1.06",
        "dgp=1.17",
    ],
}

PAPER: Preset = {
    # python pipeline.py submit --preset paper --set taxonomy_uri=s3://... --set images_uri=s3://...
    #   --set images_ground_truth_uri=s3://... --set 'corpus_uris=["s3://..."]'
    # ILSVRC 2012's two tars and the per-synset tars of fall11 below images_uri, the parts of a
    # Wikipedia dump, a cluster with a GPU: not yet measured. Table 1's rows of 1,000 dimensions are
    # devise_1000 and random_1000, beside those of 500. Published hop lists:
    # --set evaluate_zero_shot_sets=2-hop=s3://...
    "checkpoints_uri": "s3://devise/checkpoints",
    "images_store_uri": "s3://devise/images",
    "skipgram_phrase_passes": 2,
    "skipgram_phrase_threshold": 50.0,
    "skipgram_vocabulary_size": 75_000,
    "skipgram_workers": 16,
    "images_zero_shot_splits": ["fall11"],
    "images_leave_out_duplicates": True,
    "images_parts": 8,
    # The rate falls over all 90 epochs: a plateau on the way is no reason to stop.
    "visual_patience": 0,
    "devise_variants": [
        "devise_1000: skipgram_dim=1000",
        "random_1000: skipgram_dim=1000 labels_vectors=random",
        "devise_l2: devise_loss=l2",
        "devise_fixed_order: devise_violators=fixed_order",
        BEST,
        RANK_BEST,
        *WITHOUT_WORDS,
    ],
    "evaluate_zero_shot_sets": ["2-hop", "3-hop", "all"],
    "evaluate_parts": 8,
}

MODERN: Preset = {
    # As `paper`, and --set visual_pretrained_classes_uri=s3://... (the 1,000 wnids, sorted, a line
    # each). A stronger network, taken as it was trained: not yet measured.
    **PAPER,
    "visual_architecture": "resnet50",
    "visual_pretrained": "IMAGENET1K_V2",
    "visual_epochs": 0,
}

PRESETS: dict[str, Preset] = {
    "quickstart": QUICKSTART,
    "tiny_imagenet": TINY_IMAGENET,
    "paper": PAPER,
    "modern": MODERN,
}


def resolve(
    preset: str, settings: Mapping[str, Any], fields: Mapping[str, Any]
) -> dict[str, Value]:
    """Return every setting's value: a preset, the settings over it, the fields over both.

    Args:
        preset: Its name.
        settings: Values by public name; none of the fields.
        fields: Values of FIELDS; an empty text or list leaves what the preset says.

    Raises:
        ValueError: There is no such preset or setting, or a setting is a field of its own.
    """
    if preset not in PRESETS:
        raise ValueError(f"preset is {preset!r}: choose {' or '.join(map(repr, PRESETS))}.")
    for name in settings:
        known(name)
        if name in FIELDS:
            raise ValueError(f"settings has {name}, which is a field of its own: give it there.")
    given = {name: value for name, value in fields.items() if value not in ("", [], ())}
    values = {**defaults(), **PRESETS[preset], **settings, **given}
    # A schedule's values come back with 10 for 10.0: shown side by side they would seem to differ.
    typed = {name: number_as_declared(known(name).info, value) for name, value in values.items()}
    return {**typed, "run_name": values["run_name"] or preset}


def values_of(preset: str, settings: Sequence[str]) -> dict[str, Value]:
    """Return every setting's value: a preset, and `name=value` texts over it.

    Raises:
        ValueError: A text is no `name=value`, or there is no such setting or preset.
    """
    given = dict(parse_setting(text) for text in settings)
    fields = {name: value for name, value in given.items() if name in FIELDS}
    others = {name: value for name, value in given.items() if name not in FIELDS}
    return resolve(preset, others, fields)


def parse_setting(text: str) -> tuple[str, Any]:
    """Read `name=value`.

    Raises:
        ValueError: It is written otherwise, or there is no such setting.
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"--set {text!r}: write name=value.")
    return name, from_text(known(name).info, value)


def arguments_of(preset: str, values: Mapping[str, Value]) -> dict[str, Any]:
    """Return the pipeline's arguments that resolve to these values."""
    base = {**defaults(), **PRESETS[preset]}
    settings = {n: v for n, v in values.items() if n not in FIELDS and v != base[n]}
    fields = {name: values[name] for name in FIELDS}
    return {"preset": preset, **fields, "settings": settings}
