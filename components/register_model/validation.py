"""What a DeViSE model is worth on this run's validation images, candidates and hierarchy.

New version and champion pass through the same code; test images take part in no choice.
"""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from components.shared.artifacts.candidate_sets import SEEN, CandidateSet, candidate_sets
from components.shared.artifacts.label_space import read_label_space
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.device import pick_device
from components.shared.execution.progress import Progress
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index, select
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import read_devise_model
from components.shared.ranking.hierarchy import CorrectSets, build_hierarchy, correct_sets_of
from components.shared.ranking.metrics import mean_scores
from components.shared.ranking.rankers import Question, label_ranker, rank_images

BATCH_SIZE = 128


@dataclass(frozen=True)
class Validation:
    """What models are compared on.

    Attributes:
        frame: Image index rows of the validation images of the seen classes.
        candidates: The seen labels of this run.
        correct: hCorrectSet of each of them.
        metric: Name of the figure.
    """

    frame: pd.DataFrame
    candidates: CandidateSet
    correct: dict[str, CorrectSets]
    metric: str

    @property
    def k(self) -> int:
        """The k of the metric."""
        return int(self.metric.rpartition("_")[2])


def read_validation(
    taxonomy: Path, image_index: Path, devise_model: Path, metric: str
) -> Validation:
    """Read this run's validation images, candidates and hierarchy.

    Args:
        taxonomy: Folder of the taxonomy.
        image_index: Folder of the image index.
        devise_model: Folder of this run's model, whose label space names the candidates.
        metric: Public name of the figure to compare by.

    Raises:
        ValueError: There is no validation image of a seen label.
    """
    frame = select(read_index(image_index), split="validation", seen=True)
    if frame.empty:
        raise ValueError("There is no validation image: raise images_validation_share.")
    candidates = candidate_sets(read_label_space(devise_model / "label_space"), [], frame)[0]
    hierarchy = build_hierarchy(read_taxonomy(taxonomy).edges)
    k = int(metric.rpartition("_")[2])
    correct = correct_sets_of(hierarchy, candidates.members, candidates.valid, [k])
    return Validation(frame, candidates, correct, metric)


def validation_score(devise_model: Path, validation: Validation, label: str) -> float:
    """Return the metric of a model over all validation images.

    Args:
        devise_model: Folder of the model; its own label vectors and view of images are used.
        validation: What is ranked on which images.
        label: What the person who waits reads.
    """
    device = pick_device()
    model = read_devise_model(devise_model, device)
    space = read_label_space(devise_model / "label_space")
    ranker = label_ranker(space, validation.candidates.members)
    store = ImageStore(validation.frame)
    batches = centre_batches(store, model.config.visual.view, BATCH_SIZE, device)
    questions = {SEEN: Question(validation.candidates.images, ranker)}
    progress = Progress(f"register_model ({label})", len(store), "images")
    ranked = rank_images(model.embed, batches, questions, progress)[SEEN].wnids
    truth = validation.frame["wnid"].tolist()
    return mean_scores(truth, ranked, validation.correct, [validation.k])[validation.metric]
