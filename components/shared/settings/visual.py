"""Settings of pretrain_visual."""

import difflib
from typing import Annotated

from pydantic import AfterValidator, BaseModel

from components.shared.networks.architectures import ARCHITECTURES, SMALL_RESNETS, is_timm
from components.shared.settings.parameter import (
    STRICT,
    address,
    from_open_run,
    setting,
)
from components.shared.settings.run import PRECISION, TRAINING_SEED, Precision


def _known(architecture: str) -> str:
    if architecture not in ARCHITECTURES and not is_timm(architecture):
        near = difflib.get_close_matches(architecture, ARCHITECTURES, 3, 0.5) or ARCHITECTURES
        raise ValueError(f"is {architecture!r}: choose {' or '.join(map(repr, near))}.")
    return architecture


Architecture = Annotated[str, AfterValidator(_known)]


class VisualSettings(BaseModel):
    """The visual network and how it is trained."""

    model_config = STRICT

    architecture: Architecture = setting(
        "alexnet",
        "Any torchvision classification model; the project's own for small images: "
        f"{', '.join(SMALL_RESNETS)}; or timm's, where it is installed: timm:efficientnet_lite0.",
    )
    input_size: int = setting(224, "Side of the network's input, pixels.", 16, 1024)
    resize: int = setting(256, "Short side that crops are taken from, pixels.", 16, 1024)
    crop_scale: float = setting(
        1.0,
        "Smallest share of the area a training crop takes; 1: the paper's plain random crop.",
        0.01,
        1.0,
    )
    epochs: int = setting(
        90, "Most epochs of pretraining; 0: the weights it starts from as they are.", 0, 10_000
    )
    patience: int = setting(
        10, "Epochs without a better validation hit@1 before it stops; 0: never.", 0
    )
    batch_size: int = setting(128, "Images in a batch.", 1, 65_536)
    processes: int = setting(
        0,
        "Processes that train the network together, and compute its features; 0: as many as there "
        "are GPUs, else 1.",
        0,
        64,
        of_machine=True,
    )
    nodes: int = setting(
        1,
        "Nodes of a cluster with Kubeflow Trainer that train the network together, with "
        "so many processes each.",
        1,
        64,
        of_machine=True,
    )
    learning_rate: float = setting(
        0.01, "Highest learning rate (SGD), after the warm-up.", 1e-6, 10.0
    )
    momentum: float = setting(0.9, "Nesterov momentum.", 0.0, 0.999)
    weight_decay: float = setting(0.0005, "Weight decay, not on biases and norms.", 0.0, 1.0)
    warmup_epochs: float = setting(1.0, "Epochs of linear warm-up.", 0.0, 1000.0)
    half_size_epochs: int = setting(
        0,
        "First epochs, in which crops have half the side and cost a quarter; 0: none.",
        0,
        10_000,
    )
    averaging: float = setting(
        0.0,
        "Decay a step of a moving average of the weights, which is validated and kept in their "
        "place; 0: none.",
        0.0,
        0.99999,
    )
    label_smoothing: float = setting(
        0.0, "Probability spread over all classes in the training targets.", 0.0, 0.9
    )
    pretrained: str = address(
        "",
        "Weights to start from: torchvision's by name (DEFAULT, IMAGENET1K_V1), or the address of "
        "a visual model or a checkpoint; empty: fresh ones.",
    )
    pretrained_classes_uri: str = address(
        "", "List of wnids, one line an output, of weights that do not know them."
    )
    allow_unseen_overlap: bool = setting(
        False, "Whether to go on where the pretrained weights have seen a zero-shot class."
    )
    continued_learning_rate: float = setting(
        0.01,
        "Highest learning rate of softmax_continued, the classifier trained on for as many epochs "
        "as phase 2.",
        1e-6,
        10.0,
        of_graph=True,
    )
    precision: Precision = PRECISION
    training_seed: int = TRAINING_SEED
    sources: dict[str, str] = from_open_run({}, "State of what is read, by address.")
