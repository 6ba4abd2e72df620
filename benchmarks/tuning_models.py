"""Options of DeViSE and of its baselines, tried on inner splits of fold 0's seen classes.

The trunk of each inner split is trained without the split's unseen classes and kept, with the
features it makes of every image; label spaces and projections are kept as well. A candidate is
judged on images that nothing was trained on: seen labels on the training images that are kept
aside, unseen ones on all images of the classes that the split holds out.
"""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from inner_splits import inner_groups, write_inner_index
from torch import Tensor

from components.embed_images.embedding import embed_images
from components.evaluate.calibration import curves_of
from components.map_synsets.mapping import write_labels
from components.pretrain_visual.training import pretrain_visual
from components.shared.artifacts.answers import names_in
from components.shared.artifacts.candidate_sets import (
    CandidateSet,
    candidate_sets,
    further_halves,
)
from components.shared.artifacts.features import (
    FeatureView,
    held_out_images,
    read_features,
    training_images,
)
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.artifacts.taxonomy import Taxonomy, read_taxonomy
from components.shared.device import pick_device
from components.shared.execution.progress import say
from components.shared.images.index import read_index
from components.shared.networks import visual_model
from components.shared.networks.devise_model import read_phase_1
from components.shared.networks.visual_model import VisualModel
from components.shared.ranking.hierarchy import Hierarchy, build_hierarchy
from components.shared.ranking.metrics import correct_labels
from components.shared.ranking.packed import Key
from components.shared.ranking.rankers import Ranker, Ranking
from components.shared.settings.table import group_of
from components.shared.settings.variants import differences, parse_variant
from components.shared.statistics.generalised import Curve, harmonic_means
from components.shared.statistics.scores import image_scores, mean_scores_of
from components.shared.storage.checkpoint import CheckpointStore
from components.train_devise.training import Inputs, write_devise_model

UNSEEN = "unseen"
IMAGES_TOGETHER = 4096
Values = Mapping[str, object]
Layer = Callable[[Tensor], Tensor]
Rankers = dict[Key, Ranker]
"""For (row, candidates) what ranks features."""
Answers = dict[Key, Ranking]
"""For (row, candidates) what is answered."""


@dataclass(frozen=True)
class Given:
    """What tuning reads.

    Attributes:
        taxonomy: Artifact of prepare_taxonomy.
        word_vectors: Artifact of train_skipgram.
        image_index: Artifact of prepare_images, of fold 0.
        output: Folder of all that is kept.
        values: Every setting of a run by its public name.
        splits: How many of the five inner splits, from the first.
        label_vectors: Files of label vectors that others have made.
    """

    taxonomy: Path
    word_vectors: Path
    image_index: Path
    output: Path
    values: Values
    splits: int
    label_vectors: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Split:
    """An inner split, with what its trunk makes of the images.

    Attributes:
        number: Of the split.
        given: What it was made from.
        folder: Of what is kept of it.
    """

    number: int
    given: Given
    folder: Path

    @property
    def index(self) -> Path:
        """The split's image index."""
        return self.folder / "index"

    @property
    def trunk(self) -> Path:
        """The visual model that was trained without the split's unseen classes."""
        return self.folder / "trunk"

    @property
    def features(self) -> Path:
        """What it makes of the images."""
        return self.folder / "features"

    @cached_property
    def images(self) -> pd.DataFrame:
        """The rows of the images that are judged on: kept aside, or of unseen classes."""
        return held_out_images(read_index(self.index))

    @cached_property
    def embedded(self) -> FeatureView:
        """Their features."""
        return read_features(self.features, read_index(self.index)).held_out()

    @cached_property
    def model(self) -> VisualModel:
        """The trunk and its classifier."""
        return visual_model.load(self.trunk, pick_device())

    @cached_property
    def taxonomy(self) -> Taxonomy:
        """Of the run."""
        return read_taxonomy(self.given.taxonomy)

    @cached_property
    def hierarchy(self) -> Hierarchy:
        """Its graph."""
        return build_hierarchy(self.taxonomy.edges)

    @cached_property
    def training(self) -> pd.DataFrame:
        """The rows of the training images."""
        return training_images(read_index(self.index))

    def training_view(self) -> FeatureView:
        """The features of the training images' first view."""
        return read_features(self.features, read_index(self.index)).training(1)

    def sets(self, space: LabelSpace) -> list[CandidateSet]:
        """The candidate sets, on the images that are judged on."""
        return candidate_sets(space, [UNSEEN], self.images)

    def space(self, differing: Values) -> LabelSpace:
        """The label space of a candidate, made once."""
        return read_label_space(label_space(self, differing))


def splits(given: Given) -> Iterator[Split]:
    """Give the inner splits, each with a trained trunk and its features, made once."""
    for number, unseen in enumerate(inner_groups(given.image_index)[: given.splits]):
        split = Split(number, given, given.output / f"split_{number}")
        if not split.index.is_dir():
            write_inner_index(given.image_index, unseen, split.index)
        _trunk(split)
        _features(split)
        yield split


def _trunk(split: Split) -> None:
    """Train the trunk, or leave it as it is."""
    if (split.trunk / visual_model.WEIGHTS_FILE).is_file():
        return
    say(f"inner split {split.number}: the trunk is trained")
    store = CheckpointStore(str(split.folder / "checkpoints"))
    config = group_of("visual", split.given.values)
    pretrain_visual(config, split.index, split.trunk, store, lambda *_: None)
    store.clear()


def _features(split: Split) -> None:
    if split.features.is_dir():
        return
    store, kept = CheckpointStore(str(split.folder / "checkpoints")), str(split.folder / "shards")
    views = split.given.values["devise_phase_1_views"]
    config = group_of("embed", split.given.values, views=views, store_uri=kept)
    embed_images(config, split.index, split.trunk, split.features, store)
    store.clear()


def label_space(split: Split, differing: Values) -> Path:
    """Make the label space of a candidate, once for all that differ in nothing it reads."""
    values = {**split.given.values, **differing}
    config, given = group_of("labels", values), split.given
    vectors = Path(config.vectors_uri) if config.vectors_uri else given.word_vectors
    read = {"word_vectors": _state(vectors), **config.model_dump(mode="json")}
    folder = split.folder / "labels" / _digest(read)
    if not (folder / "made").is_file():
        write_labels(config, given.taxonomy, given.word_vectors, split.index, folder)
        (folder / "made").touch()
    return folder


def projection(split: Split, differing: Values) -> Path:
    """Train the projection of a candidate on its label space, once."""
    values = {**split.given.values, **differing, "devise_phase_2_epochs": 0}
    config = group_of("devise", values)
    space = label_space(split, differing)
    name = _digest({"space": space.name, **config.model_dump(mode="json")})
    folder = split.folder / "projections" / name
    if not (folder / "made").is_file():
        taxonomy = split.given.taxonomy
        inputs = Inputs(taxonomy, split.index, split.trunk, split.features, space)
        store = CheckpointStore(str(split.folder / "checkpoints"))
        write_devise_model(config, inputs, folder, store, lambda *_: None)
        store.clear()
        (folder / "made").touch()
    return folder


def _state(folder: Path) -> list[tuple[str, int, int]]:
    """What tells an artifact or a file from another in its place: its files' sizes and times."""
    found = folder.resolve()
    files = [found] if found.is_file() else sorted(filter(Path.is_file, found.rglob("*")))
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]


def _digest(content: object) -> str:
    text = json.dumps(content, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def answers_of(split: Split, rankers: Rankers) -> Answers:
    """Ask rankers of features about the images of their candidate set, and about its halves."""
    sets = split.sets(split.space({}))
    asked = dict(rankers)
    for half in further_halves(sets):
        # Their names begin with that of the labels.
        labels = half.name.partition(".")[0]
        asked |= {(row, half.name): rankers[row, labels] for row, _ in rankers}
    images = {one.name: one.images for one in [*sets, *further_halves(sets)]}
    return {key: _ranked(split, images[key[1]], rank) for key, rank in asked.items()}


def _ranked(split: Split, images: np.ndarray, rank: Ranker) -> Ranking:
    chosen = split.embedded.of(np.flatnonzero(images))
    blocks = (torch.from_numpy(block).float() for block in chosen.blocks(IMAGES_TOGETHER))
    with torch.inference_mode():
        return _joined([rank(block) for block in blocks])


def _joined(parts: Sequence[Ranking]) -> Ranking:
    scores = [part.scores for part in parts if part.scores is not None]
    return Ranking(
        np.concatenate([part.wnids for part in parts]),
        np.concatenate([part.cosines for part in parts]),
        np.concatenate(scores) if len(scores) == len(parts) else None,
    )


def figures_of(split: Split, answers: Answers) -> dict[str, float]:
    """The figures of every row under their public names."""
    sets = split.sets(split.space({}))
    models = list(dict.fromkeys(model for model, _ in answers))
    correct = correct_labels(split.hierarchy, sets)
    wnids = {key: ranking.wnids for key, ranking in answers.items()}
    found: dict[str, float] = {}
    for scores in image_scores(wnids, models, sets, correct, split.images):
        found |= mean_scores_of(scores)
    return found | harmonic_means(found)


def curves_by_row(split: Split, answers: Answers) -> dict[str, Curve]:
    """The seen-unseen curve of every row that scores seen and unseen labels."""
    sets = split.sets(split.space({}))
    names = names_in(sets)
    packed = {
        key: names.packed(one.wnids, one.cosines, one.scores)
        for key, one in answers.items()
        if one.scores is not None
    }
    return {row: curve for row, _, curve in curves_of(packed, names, sets, split.images)}


def after(layer: Layer, rank: Ranker) -> Ranker:
    """Rank what a layer makes of the features."""
    return lambda features: rank(layer(features))


def projected(folder: Path) -> Layer:
    """The projection of a trained candidate."""
    layer = read_phase_1(folder)
    assert layer is not None, "every candidate has a phase 1"
    return layer


def variant(text: str) -> tuple[str, dict[str, object]]:
    """Name and differing settings of a candidate, written as a variant is."""
    parsed = parse_variant(text)
    return parsed.name, dict(differences(parsed))
