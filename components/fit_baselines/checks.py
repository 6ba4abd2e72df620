"""What must hold of models and images that are compared."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from components.shared.artifacts.candidate_sets import candidate_sets, tested_images
from components.shared.artifacts.evaluation import check_variants
from components.shared.artifacts.features import read_features
from components.shared.artifacts.label_space import LabelSpace
from components.shared.images.index import read_index
from components.shared.networks import visual_model
from components.shared.networks.devise_model import read_config, read_phase_1, stayed_as_phase_1
from components.shared.networks.visual_model import VisualConfig


def names_of(models: Sequence[Path]) -> list[str]:
    """Return what each DeViSE model is called: `devise`, `random`, then the variants.

    Raises:
        ValueError: Two rows would have one name, or a folder holds no model.
    """
    names = [_name_of(folder) for folder in models]
    check_variants(names[2:])
    return names


def _name_of(folder: Path) -> str:
    file = folder / "config.json"
    if not file.is_file():
        raise ValueError(f"{folder} is no DeViSE model: config.json is missing.")
    return str(json.loads(file.read_text(encoding="utf-8"))["model_name"])


def check_images(
    space: LabelSpace, image_index: Path, features: Path, zero_shot_sets: Sequence[str]
) -> None:
    """Refuse candidate sets without images, and features of other images.

    Args:
        space: The labels.
        image_index: Artifact of prepare_images.
        features: Artifact of embed_images.
        zero_shot_sets: Names of the sets.

    Raises:
        ValueError: A zero-shot set has no image or is not in the label space, or the features are
            of another index.
    """
    index = read_index(image_index)
    read_features(features, index)
    candidate_sets(space, zero_shot_sets, tested_images(index, space, zero_shot_sets))


def check_models(visual: Path, continued: Path, models: Mapping[str, Path]) -> None:
    """Refuse models that do not come from one visual model.

    Args:
        visual: Folder of the visual model that DeViSE starts from.
        continued: Folder of the one that was trained on.
        models: Folders of the DeViSE models, by name.

    Raises:
        ValueError: A projection takes other features, or a network other crops.
    """
    pretrained, trained_on = visual_model.read_config(visual), visual_model.read_config(continued)
    for name, folder in models.items():
        _check_phase_1(name, folder, pretrained)
    changed = [folder for folder in models.values() if not stayed_as_phase_1(folder)]
    views = {trained_on.view, *(read_config(folder).visual.view for folder in changed)}
    if len(views) > 1:
        raise ValueError(
            "The models to compare take images in different sizes or crops: give models that were "
            "trained from one visual model."
        )


def _check_phase_1(name: str, folder: Path, visual: VisualConfig) -> None:
    projection = read_phase_1(folder)
    if projection and projection.in_features != visual.feature_dim:
        raise ValueError(
            f"Phase 1 of {name} takes {projection.in_features} features and the visual model "
            f"gives {visual.feature_dim}: give the visual model it was trained on."
        )
