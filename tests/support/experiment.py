"""Artifacts of a tiny experiment, as the stages before evaluate leave them."""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd
import pytest
import simplejpeg
import torch
from support.made_once import made_once
from support.settings import unchecked
from support.shards import write_shard

from components.draw_report.data import Inputs as ReportInputs
from components.embed_images.embedding import embed_images
from components.evaluate.evaluation import Inputs, write_evaluation
from components.fit_baselines.gathering import Inputs as Gathered
from components.fit_baselines.gathering import gather
from components.rank_images.ranking import Inputs as Ranked
from components.rank_images.ranking import rank_part
from components.shared.artifacts.label_space import (
    LabelSpace,
    Words,
    unit_norm,
    write_label_space,
    write_words,
)
from components.shared.artifacts.shared_terms import pairs_sharing_terms
from components.shared.artifacts.word_vectors import (
    COUNTS_FILE,
    VECTORS_FILE,
    write_counts,
    write_word2vec_binary,
)
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore, image_checksum
from components.shared.networks import visual_model
from components.shared.networks.devise_model import (
    DeviseModel,
    DeviseModelConfig,
    save_devise_model,
)
from components.shared.settings.baselines import BaselinesSettings
from components.shared.settings.embed import EmbedSettings
from components.shared.settings.evaluate import EvaluateSettings
from components.shared.storage.checkpoint import NOWHERE

SEEN = ["n00000001", "n00000002", "n00000003", "n00000004"]
UNSEEN = ["n00000005", "n00000006", "n00000007"]
CLASSES = [*SEEN, *UNSEEN]
TERMS = {
    "n00000001": ["<script>alert(1)</script>"],
    "n00000002": ["crane", "heron"],
    "n00000003": ["teapot"],
    "n00000004": ["tiger shark"],
    "n00000005": ["blue shark"],
    "n00000006": ["crane"],
    "n00000007": ["unheard-of thing"],
}
WITHOUT_VECTOR = ["n00000001", "n00000007"]
"""The seen one has others behind it, so that no wrong row passes for right."""
ANIMAL, THING, ROOT = "n00000010", "n00000011", "n00000012"
EDGES = [
    (ANIMAL, "n00000002"),
    (ANIMAL, "n00000004"),
    (ANIMAL, "n00000005"),
    (THING, "n00000001"),
    (THING, "n00000003"),
    (THING, "n00000006"),
    (ROOT, ANIMAL),
    (ROOT, THING),
]
"""The synset n00000007 is not in the hierarchy."""
TABLE = [
    ("blue_shark", ["n00000005"]),
    ("crane", ["n00000002", "n00000006"]),
    ("heron", ["n00000002"]),
    ("teapot", ["n00000003"]),
    ("tiger_shark", ["n00000004"]),
]
TARGETS = {
    "n00000001": -1, "n00000002": 1, "n00000003": 3, "n00000004": 4,
    "n00000005": 0, "n00000006": 1, "n00000007": -1,
}  # fmt: skip
SPLITS = {"train": 2, "validation": 3, "test": 5}
SIZE, DIM = 32, 6
QUICK: dict[str, Any] = {"dgp_hidden": 8, "dgp_steps": 5}
"""Settings of baselines that take no time to be fitted."""


@dataclass(frozen=True)
class Experiment:
    """Folders of all artifacts."""

    taxonomy: Path
    word_vectors: Path
    image_index: Path
    visual_model: Path
    continued_visual_model: Path
    features: Path
    label_space: Path
    random_label_space: Path
    devise_model: Path
    random_devise_model: Path
    variant_models: tuple[Path, ...] = ()

    @property
    def models(self) -> tuple[Path, ...]:
        """The DeViSE models: the main one, its random twin, the variants."""
        return (self.devise_model, self.random_devise_model, *self.variant_models)

    @property
    def given(self) -> Gathered:
        """What fit_baselines is given of them."""
        visual = self.visual_model, self.continued_visual_model
        words = self.taxonomy, self.word_vectors
        return Gathered(*words, self.image_index, *visual, self.features, self.models)


def made_experiment(
    factory: pytest.TempPathFactory, variants: Mapping[str, int] = MappingProxyType({})
) -> Experiment:
    """Every artifact, written once for all tests, which only read them.

    `variants` gives further DeViSE models the seed of their label vectors (1: those of the main
    model).
    """
    experiment = experiment_in(made_once(factory, "experiment", write_experiment))
    if not variants:
        return experiment
    name = "-".join(["variants", *(f"{name}_{seed}" for name, seed in variants.items())])
    folder = made_once(factory, name, lambda own: write_variants(own, experiment, variants))
    return replace(experiment, variant_models=tuple(folder / name for name in variants))


def made_run(factory: pytest.TempPathFactory) -> Path:
    """A folder with the experiment in it and two images beside, one.jpg and two.jpg."""
    experiment = made_once(factory, "experiment", write_experiment)

    def make(folder: Path) -> None:
        shutil.copytree(experiment, folder, dirs_exist_ok=True)
        store = ImageStore(read_index(experiment_in(folder).image_index))
        for name, row in (("one.jpg", 0), ("two.jpg", 30)):
            (folder / name).write_bytes(store.read(row))

    return made_once(factory, "run", make)


def experiment_in(folder: Path) -> Experiment:
    """The artifacts that `write_experiment` writes there."""
    names = [name for name in Experiment.__dataclass_fields__ if name != "variant_models"]
    return Experiment(**{name: folder / name for name in names}, variant_models=())


def write_experiment(folder: Path) -> None:
    experiment = experiment_in(folder)
    write_taxonomy(experiment.taxonomy)
    write_words_of(experiment.word_vectors)
    write_images(experiment.image_index)
    write_visual_model(experiment.visual_model, experiment.image_index, 0)
    write_visual_model(experiment.continued_visual_model, experiment.image_index, 10)
    write_features(experiment.features, experiment.image_index, experiment.visual_model)
    write_space(experiment.label_space, 1, "skipgram")
    write_space(experiment.random_label_space, 2, "random")
    spaces = experiment.label_space, experiment.random_label_space
    write_devise_model(experiment.devise_model, "devise", experiment, spaces[0], 0)
    write_devise_model(experiment.random_devise_model, "random", experiment, spaces[1], 1)


def write_variants(folder: Path, experiment: Experiment, variants: Mapping[str, int]) -> None:
    for number, (name, vectors) in enumerate(variants.items()):
        space = folder / f"label_space_of_{name}"
        write_space(space, vectors, "skipgram")
        write_devise_model(folder / name, name, experiment, space, 2 + number)


def ranked(
    config: EvaluateSettings,
    given: Gathered,
    taxonomy: Path,
    folder: Path,
    parts: int = 1,
    batch_size: int = 128,
) -> Inputs:
    """Gather the models and ask them about all parts; what evaluate is given then."""
    sets = tuple(config.set_names)
    gather(unchecked(BaselinesSettings, set_names=sets, **QUICK), given, folder / "compared")
    networks = given.visual_model, given.continued_visual_model, given.features
    inputs = Ranked(given.image_index, *networks, folder / "compared")
    answers = tuple(folder / f"answers_{part}" for part in range(parts))
    for part, output in enumerate(answers):
        own = config.model_copy(update={"part": part, "of_parts": parts})
        rank_part(own, inputs, output, batch_size=batch_size)
    return Inputs(taxonomy, given.image_index, folder / "compared", answers)


def evaluated(
    experiment: Experiment, evaluation: Path, zero_shot_sets: tuple[str, ...] = ("unseen",)
) -> ReportInputs:
    """Evaluate the experiment, and give what a report of it is drawn from."""
    config = unchecked(
        EvaluateSettings, zero_shot_sets=zero_shot_sets, bootstrap_samples=100, precision="fp32"
    )
    facts = {"code_version": "of the evaluation", "stage_seconds": {"map_synsets": 1.0}}
    scratch = evaluation.with_name(f"{evaluation.name}-of")
    inputs = ranked(config, experiment.given, experiment.taxonomy, scratch)
    write_evaluation(config, inputs, evaluation, facts)
    return ReportInputs(
        experiment.taxonomy,
        experiment.image_index,
        experiment.visual_model,
        experiment.continued_visual_model,
        experiment.models,
        evaluation,
    )


def write_taxonomy(folder: Path) -> None:
    folder.mkdir(parents=True)
    terms = {**TERMS, ANIMAL: ["animal"], THING: ["thing"]}
    synsets = pd.DataFrame({"wnid": list(terms), "terms": list(terms.values())})
    synsets.to_parquet(folder / "synsets.parquet")
    pd.DataFrame(EDGES, columns=["a", "b"]).to_parquet(folder / "edges.parquet")
    facts = {
        "hierarchy": "tiny.structure.txt",
        "synsets": len(terms),
        "edges": len(EDGES),
        "nodes_without_terms": [ROOT],
    }
    (folder / "taxonomy.json").write_text(json.dumps(facts))


def write_words_of(folder: Path) -> None:
    """Write the word vectors that DGP reads, of the labels' terms and of one node above."""
    folder.mkdir(parents=True)
    words = [*(term for term, _ in TABLE), "animal"]
    vectors = np.random.default_rng(1).standard_normal((len(words), DIM))
    write_word2vec_binary(folder / VECTORS_FILE, words, vectors)
    write_counts(folder / COUNTS_FILE, dict.fromkeys(words, 9))


def write_images(folder: Path) -> None:
    folder.mkdir(parents=True)
    generator = np.random.default_rng(0)
    rows, content = [], b""
    for number, wnid in enumerate(CLASSES):
        for split, count in (SPLITS if wnid in SEEN else {"test": 5}).items():
            for image in range(count):
                pixels = generator.integers(0, 90, (SIZE, SIZE, 3)).astype(np.uint8)
                pixels[:, :, number % 3] += np.uint8(40 + 18 * number)
                data = simplejpeg.encode_jpeg(pixels, quality=90)
                path = f"{split}/{wnid}/{image}.JPEG"
                place = len(content), len(data), image_checksum(data)
                rows.append((*place, wnid, split, path))
                content += data
    frame = pd.DataFrame(rows, columns=["offset", "length", "checksum", "wnid", "split", "path"])
    frame["shard"] = str(write_shard(folder, content))
    frame["seen"] = frame["wnid"].isin(SEEN)
    frame.to_parquet(folder / "index.parquet")
    counts = frame.groupby(["wnid", "seen"])["split"].value_counts().unstack(fill_value=0)
    counts.reset_index().to_parquet(folder / "classes.parquet")
    facts = {"store_uri": str(folder), "images": len(rows), "unreadable": []}
    (folder / "images.json").write_text(json.dumps(facts))


def write_visual_model(folder: Path, image_index: Path, seed: int) -> None:
    torch.manual_seed(seed)
    config = visual_model.VisualConfig("shufflenet_v2_x0_5", tuple(SEEN), 24, SIZE)
    model = visual_model.build(config).train()
    index = read_index(image_index)
    with torch.no_grad():
        # BatchNorm's statistics of an untrained network let its features vanish.
        for _ in range(20):
            for images in centre_batches(ImageStore(index), config.view, 64, torch.device("cpu")):
                model(images)
    history = [
        {
            "epoch": epoch,
            "train_loss": 2 / epoch,
            "validation_loss": 2.2 / epoch,
            "validation_hit_at_1": 0.2 * epoch,
        }
        for epoch in (1, 2, 3)
    ]
    visual_model.save(model, folder, history)


def write_features(folder: Path, image_index: Path, visual: Path, views: int = 1) -> None:
    store = f"{folder}-shards"
    config = unchecked(EmbedSettings, views=views, store_uri=store, precision="fp32")
    embed_images(config, image_index, visual, folder, NOWHERE)


def write_space(folder: Path, seed: int, kind: str) -> None:
    vectors = unit_norm(np.random.default_rng(seed).standard_normal((len(TABLE), DIM)))
    names = [term for term, _ in TABLE]
    rows = [TARGETS[wnid] for wnid in CLASSES]
    labels = pd.DataFrame(
        {
            "wnid": CLASSES,
            "role": ["seen" if wnid in SEEN else "unseen" for wnid in CLASSES],
            "terms": [[term.replace(" ", "_") for term in TERMS[wnid]] for wnid in CLASSES],
            "target_term": ["" if row < 0 else names[row] for row in rows],
            "target_source": ["none" if row < 0 else "first_term" for row in rows],
            "target_row": rows,
        }
    )
    terms = pd.DataFrame(
        {
            "row": range(len(TABLE)),
            "term": names,
            "count": 9,
            "source": "term",
            "wnids": [wnids for _, wnids in TABLE],
        }
    )
    both = dict.fromkeys(("unseen_plus_seen", "seen_among_unseen"), sorted(CLASSES))
    sets = {"seen": SEEN, "unseen": UNSEEN, **both}
    members = [(name, wnid) for name, wnids in sets.items() for wnid in wnids]
    candidates = pd.DataFrame(members, columns=["set", "wnid"])
    facts = {
        "kind": kind,
        "dim": DIM,
        "target": "first_term",
        "target_sources": {"first_term": 5, "none": 2},
        "without_vector": WITHOUT_VECTOR,
        "pairs_sharing_terms": pairs_sharing_terms(labels),
    }
    write_label_space(folder, LabelSpace(labels, candidates, terms, vectors, facts))
    words = [*names, "shark", "tiger", "whale"]
    extra = unit_norm(np.random.default_rng(9).standard_normal((3, DIM)))
    table = pd.DataFrame({"row": range(len(words)), "term": words, "count": 9})
    write_words(folder, Words(table, np.concatenate([vectors, extra]).astype("f2")))


def write_devise_model(
    folder: Path, name: str, experiment: Experiment, space: Path, seed: int
) -> None:
    visual = visual_model.load(experiment.visual_model, torch.device("cpu"))
    torch.manual_seed(seed)
    model = DeviseModel(
        visual.trunk, DeviseModelConfig(visual.config, name, DIM, False, True, "fp32")
    )
    history = [
        {"phase": phase, "epoch": epoch, "validation_hit_at_1": 0.1 * (phase + epoch)}
        | (
            {"loss": 1 / (phase + epoch), "violated_margins": 0.4, "violating_images": 0.8}
            if epoch
            else {}
        )
        for phase in (1, 2)
        for epoch in (0, 1, 2)
    ]
    save_devise_model(
        model,
        space,
        folder,
        history,
        {"validation_hit_at_1": 0.4},
        phase_1={"weight": model.projection.weight.flip(0)},
    )
