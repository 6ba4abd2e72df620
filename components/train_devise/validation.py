"""Hit@1 on the validation images of all seen labels, by the ranking that evaluation uses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from components.shared.artifacts.features import FeatureView
from components.shared.images.batches import centre_batches
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import DeviseModel
from components.shared.processes.ranks import own_part, summed
from components.shared.ranking.metrics import flat_hits
from components.shared.ranking.nearest_labels import CandidateTerms, rank_synsets


@dataclass(frozen=True)
class Validation:
    """What every choice is made on.

    Attributes:
        store: The validation images of the seen labels, those without a vector too.
        features: What the frozen trunk makes of their centre crops.
        truth: The wnid of each image.
        candidates: The terms of the seen labels.
    """

    store: ImageStore
    features: FeatureView
    truth: Sequence[str]
    candidates: CandidateTerms


def hit_at_1(points: torch.Tensor, validation: Validation) -> float:
    """Share of the images, mapped to points [n, dim], whose true label is ranked first."""
    return _hits(points, validation.truth, validation) / len(validation.truth)


def _hits(points: torch.Tensor, truth: Sequence[str], validation: Validation) -> int:
    ranked = rank_synsets(points, validation.candidates, k=1, device=points.device)
    return int(np.sum(flat_hits(truth, ranked, (1,))[1]))


@torch.inference_mode()
def hit_at_1_of_features(model: DeviseModel, validation: Validation) -> float:
    """Hit@1 of the projection on the features of the trunk as pretrained."""
    device = model.projection.weight.device
    features = validation.features[np.arange(len(validation.features))]
    return hit_at_1(model.project(torch.from_numpy(features).to(device)), validation)


@torch.inference_mode()
def hit_at_1_of_images(model: DeviseModel, batch_size: int, validation: Validation) -> float:
    """Hit@1 of the whole network on the images' centre crops, a part of them in each process."""
    model.eval()
    device, part = model.projection.weight.device, own_part(len(validation.store))
    rows = part.start, part.stop
    batches = centre_batches(validation.store, model.config.visual.view, batch_size, device, *rows)
    points = [model.embed(images) for images in batches]
    own = _hits(torch.cat(points), part.of(validation.truth), validation) if points else 0
    return int(summed(torch.tensor(own, device=device))) / part.whole
