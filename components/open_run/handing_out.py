"""What each stage is handed: its group's settings, with the state of the sources that it reads.

The models are a list that is never empty, because KFP cannot collect an empty loop: the paper's
model, its twin on random label vectors, then the variants. Each differs from the run's settings in
those of its labels and of its training alone. Their settings are JSON text, because a cluster hands
over only an item's texts.
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

from components.open_run.sources import States, list_addresses
from components.shared.artifacts.evaluation import DEVISE, RANDOM
from components.shared.images.splits import zero_shot_only
from components.shared.settings import gpus as asked_gpus
from components.shared.settings.parameter import Value
from components.shared.settings.table import group_of, handed_over
from components.shared.settings.variants import differences, parse_variant, with_addresses
from components.shared.storage import store

Values = Mapping[str, Any]
DIM = "skipgram_dim"


class Opened(NamedTuple):
    """What open_run returns; the face spells the same fields out."""

    taxonomy: dict[str, Any]
    corpus: dict[str, Any]
    corpora: list[dict[str, str]]
    skipgram: dict[str, Any]
    packing: dict[str, Any]
    images: dict[str, Any]
    image_parts: list[dict[str, str]]
    visual: dict[str, Any]
    visual_gpus: str
    continued_visual: dict[str, Any]
    embed: dict[str, Any]
    models: list[dict[str, str]]
    baselines: dict[str, Any]
    evaluate: dict[str, Any]
    evaluate_parts: list[dict[str, str]]
    report: dict[str, Any]
    register: dict[str, Any]


def hand_out(
    values: Values, states: Mapping[str, States], gpus: int = 0, visual_gpus: int = 0
) -> Opened:
    """Give each stage its settings.

    Args:
        values: Every setting by its public name.
        states: Of the sources, by group.
        gpus: What a task that trains a model's whole network asks for; one that trains the
            projection alone asks for none, nor does one whose work nodes do.
        visual_gpus: What a task that trains the visual network asks for, if nodes do not.
    """

    def of(group: str, **found: Any) -> dict[str, Any]:
        return settings_of(group, values, **found)

    return Opened(
        taxonomy=of("taxonomy", sources=states["taxonomy"]),
        corpus=of("corpus"),
        corpora=[{"uri": uri, "state": states["corpus"][uri]} for uri in values["corpus_uris"]],
        skipgram=of("skipgram", sources=states["skipgram"], further_dims=_further_dims(values)),
        packing=of("images", sources=states["images"], **_packed(values)),
        images=of("images", sources=states["images"]),
        image_parts=_parts(values["images_parts"]),
        visual=of("visual", sources=states["visual"]),
        visual_gpus=str(asked_gpus.of_visual_training(values, visual_gpus)),
        continued_visual=of("visual", **_trained_on(values)),
        embed=of("embed", **_embedded(values)),
        models=_models(values, states["labels"], gpus),
        baselines=of("baselines", **_compared(values)),
        evaluate=of("evaluate", variants=_shown_variants(values)),
        evaluate_parts=_parts(values["evaluate_parts"]),
        report=of("report"),
        register=of("register"),
    )


def settings_of(group: str, values: Values, **found: Any) -> dict[str, Any]:
    """A group's settings as JSON has them, for its stage."""
    return handed_over(group_of(group, values, **found))


def _trained_on(values: Values) -> dict[str, Value]:
    """What softmax_continued differs in: as many epochs as phase 2, at one falling rate.

    It goes on where the training ended, on crops of the whole size.
    """
    return {
        "epochs": values["devise_phase_2_epochs"],
        "half_size_epochs": 0,
        "learning_rate": values["visual_continued_learning_rate"],
        "warmup_epochs": 0.0,
        "patience": 0,
    }


def _parts(count: int) -> list[dict[str, str]]:
    """Which of how many each task of a loop is, as texts."""
    return [{"part": str(number), "parts": str(count)} for number in range(count)]


def _packed(values: Values) -> dict[str, Value]:
    """What packing is not told: which classes are unseen, so that they can be others later.

    It has to know where a split is only there for zero-shot tests: of the seen classes nothing is
    packed there.
    """
    return {} if zero_shot_only(group_of("images", values)) else {"unseen": []}


def _shown_variants(values: Values) -> list[str]:
    """The variants for tables, without what a signed address of their vectors keeps secret."""
    return [with_addresses(text, store.shown) for text in values["devise_variants"]]


def _further_dims(values: Values) -> list[int]:
    """Dimensions of word vectors that variants alone ask for, ascending."""
    every: dict[str, Values] = {name: {**values, **of} for name, of in _every(values).items()}
    return sorted({of_model[DIM] for of_model in every.values()} - {values[DIM]})


def _embedded(values: Values) -> dict[str, Value]:
    """What embed_images keeps, and where: as many views as the model that reads most of them."""
    name = "devise_phase_1_views"
    views = [differing.get(name, values[name]) for differing in _every(values).values()]
    return {
        "views": max(views),
        "store_uri": values["images_store_uri"],
        "processes": values["visual_processes"],
    }


def _compared(values: Values) -> dict[str, Value]:
    """What fit_baselines is told of labels: the sets that are ranked, and which terms are rare."""
    names = group_of("evaluate", values).set_names
    return {"set_names": names, "minimum_count": values["labels_minimum_count"]}


def _every(values: Values) -> dict[str, Mapping[str, Value]]:
    """What each model differs in, by its name."""
    variants = [parse_variant(text) for text in values["devise_variants"]]
    return {
        DEVISE: {},
        RANDOM: {"labels_vectors": "random"},
        **{variant.name: differences(variant) for variant in variants},
    }


def _models(values: Values, states: States, gpus: int) -> list[dict[str, str]]:
    further = _further_dims(values)
    models = {name: {**values, **differing} for name, differing in _every(values).items()}
    return [
        _model(name, of_model, of_model[DIM] if of_model[DIM] in further else 0, states, gpus)
        for name, of_model in models.items()
    ]


def _model(name: str, values: Values, dim: int, states: States, gpus: int) -> dict[str, str]:
    sets = values["evaluate_zero_shot_sets"]
    read = {values["labels_vectors_uri"], values["labels_glosses_uri"], *list_addresses(sets)}
    own = read & set(states)
    sources = {uri: states[uri] for uri in sorted(own)}
    labels = settings_of("labels", values, zero_shot_sets=sets, sources=sources, dim=dim)
    devise = settings_of("devise", values, model_name=name)
    asked = str(asked_gpus.of_model(values, gpus))
    return {"variant": name, "labels": _text(labels), "devise": _text(devise), "gpus": asked}


def _text(settings: Mapping[str, Any]) -> str:
    return json.dumps(settings, sort_keys=True)
