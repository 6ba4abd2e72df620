"""fit_baselines: every model that is compared goes into one artifact, with the fitted baselines.

Whatever the models or the images lack is said here, before any image is ranked. A baseline that
cannot be fitted, for want of labels with a vector, is left out and named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from components.fit_baselines.checks import check_images, check_models, names_of
from components.fit_baselines.closed_forms import TrainingImages, fit_closed_forms
from components.fit_baselines.fits import Fits
from components.fit_baselines.graph_network import Sources, fit_graph_network
from components.shared.artifacts.compared import HopWeights, own_spaces, write_compared
from components.shared.artifacts.evaluation import DEVISE
from components.shared.artifacts.features import read_features, training_images
from components.shared.artifacts.label_space import WORD_FILES, LabelSpace, read_label_space
from components.shared.images.index import read_index
from components.shared.networks.devise_model import MODEL_FILE, stayed_as_phase_1
from components.shared.networks.visual_model import read_config
from components.shared.settings.baselines import BaselinesSettings


@dataclass(frozen=True)
class Inputs:
    """Folders of the artifacts that are gathered, and of those that they must fit.

    Attributes:
        taxonomy: Of prepare_taxonomy.
        word_vectors: Of train_skipgram.
        image_index: Of prepare_images.
        visual_model: Of pretrain_visual.
        continued_visual_model: Of pretrain_visual, trained on.
        features: Of embed_images, of the first visual model.
        models: Of train_devise: `devise`, `random`, then the variants. Each folder says in
            config.json what its model is called, and holds its label space; the first one's labels
            are those of all.
    """

    taxonomy: Path
    word_vectors: Path
    image_index: Path
    visual_model: Path
    continued_visual_model: Path
    features: Path
    models: tuple[Path, ...]


def gather(config: BaselinesSettings, inputs: Inputs, compared: Path) -> dict[str, float]:
    """Check all models, fit the baselines, and put them into one artifact.

    Args:
        config: How baselines are made, and what is ranked.
        inputs: The artifacts.
        compared: Folder to write to.

    Returns:
        How many models were trained, and how many baselines were fitted or left out.

    Raises:
        ValueError: A zero-shot set has no image or is not in the label space, two models have one
            name, or a model or the features belong to others of these artifacts.
    """
    models = dict(zip(names_of(inputs.models), inputs.models, strict=True))
    spaces = {name: read_label_space(folder / "label_space") for name, folder in models.items()}
    check_images(spaces[DEVISE], inputs.image_index, inputs.features, config.set_names)
    check_models(inputs.visual_model, inputs.continued_visual_model, models)
    fits = fitted_baselines(config, inputs, spaces)
    write_compared(
        compared,
        models,
        _left_out(models),
        inputs.taxonomy,
        fits.fitted,
        _hop_weights(config),
        contaminated=read_config(inputs.visual_model).zero_shot_contaminated,
    )
    return {"models": float(len(models)), **fits.report()}


def fitted_baselines(
    config: BaselinesSettings, inputs: Inputs, spaces: Mapping[str, LabelSpace]
) -> Fits:
    """Fit every baseline that needs fitting.

    Args:
        config: How they are made.
        inputs: The artifacts.
        spaces: Label spaces of the DeViSE models by name, `devise` first.
    """
    index = read_index(inputs.image_index)
    view = read_features(inputs.features, index).training(1)
    images = TrainingImages(training_images(index)["wnid"], view)
    labels = list(spaces[DEVISE].labels["wnid"])
    sources = Sources(inputs.taxonomy, inputs.word_vectors, inputs.visual_model)
    closed = fit_closed_forms(config, own_spaces(spaces), images)
    return closed | fit_graph_network(config, sources, labels)


def _hop_weights(config: BaselinesSettings) -> HopWeights:
    conse = config.conse_hierarchy_beta, config.conse_hierarchy_top
    return HopWeights(config.hierarchy_beta, *conse)


def _left_out(models: Mapping[str, Path]) -> dict[str, tuple[str, ...]]:
    """What ranking does not read: every word's vector, and a network that phase 1's stands for."""
    return {
        name: (*WORD_FILES, MODEL_FILE) if stayed_as_phase_1(folder) else WORD_FILES
        for name, folder in models.items()
    }
