"""fit_baselines: every model that is compared goes into one artifact.

Whatever the models or the images lack is said here, before any image is ranked.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.fit_baselines.checks import check_images, check_models, names_of
from components.shared.artifacts.compared import write_compared
from components.shared.artifacts.label_space import WORD_FILES, read_label_space
from components.shared.networks.devise_model import MODEL_FILE, stayed_as_phase_1
from components.shared.networks.visual_model import read_config
from components.shared.settings.evaluate import EvaluateSettings


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that are gathered, and of those that they must fit.

    Attributes:
        image_index: Of prepare_images.
        visual_model: Of pretrain_visual.
        continued_visual_model: Of pretrain_visual, trained on.
        features: Of embed_images, of the first visual model.
        models: Of train_devise: `devise`, `random`, then the variants. Each folder says in
            config.json what its model is called, and holds its label space; the first one's labels
            are those of all.
    """

    image_index: Path
    visual_model: Path
    continued_visual_model: Path
    features: Path
    models: tuple[Path, ...]


def gather(config: EvaluateSettings, inputs: Inputs, compared: Path) -> dict[str, float]:
    """Check all models and put them into one artifact.

    Args:
        config: What is compared on which labels.
        inputs: The artifacts.
        compared: Folder to write to.

    Returns:
        How many models were trained.

    Raises:
        ValueError: A zero-shot set has no image or is not in the label space, two models have one
            name, or a model or the features belong to others of these artifacts.
    """
    models = dict(zip(names_of(inputs.models), inputs.models, strict=True))
    space = read_label_space(inputs.models[0] / "label_space")
    check_images(space, inputs.image_index, inputs.features, config.set_names)
    check_models(inputs.visual_model, inputs.continued_visual_model, models)
    visual = read_config(inputs.visual_model)
    without = _left_out(models)
    write_compared(compared, models, without, contaminated=visual.zero_shot_contaminated)
    return {"models": float(len(models))}


def _left_out(models: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """What ranking does not read: every word's vector, and a network that phase 1's stands for."""
    return {
        name: (*WORD_FILES, MODEL_FILE) if stayed_as_phase_1(folder) else WORD_FILES
        for name, folder in models.items()
    }
