"""Parameters of pretrain_visual."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class PretrainConfig:
    """The visual network and how it is trained.

    Attributes:
        architecture: torchvision's name of a classification model.
        input_size: side of the network's input, pixels.
        resize: short side of the image that crops are taken from, pixels.
        crop_scale: smallest share of the area of a training crop; 1.0: plain random crops.
        epochs: most epochs.
        patience: epochs without a better validation hit@1 before it stops; 0: never.
        batch_size: images in a batch.
        learning_rate: highest learning rate, after the warm-up.
        momentum: Nesterov momentum.
        weight_decay: of weights; biases and norms have none.
        warmup_epochs: epochs in which the learning rate rises from 0.
        label_smoothing: probability spread over all classes in the training targets.
        precision: bf16 (autocast) or fp32.
        seed: of the first weights, the order of images, their crops, and dropout.
    """

    prefix: ClassVar[str] = "visual"

    architecture: str = "alexnet"
    input_size: int = 224
    resize: int = 256
    crop_scale: float = 1.0
    epochs: int = 90
    patience: int = 10
    batch_size: int = 128
    learning_rate: float = 0.01
    momentum: float = 0.9
    weight_decay: float = 0.0005
    warmup_epochs: float = 1.0
    label_smoothing: float = 0.0
    precision: str = "bf16"
    seed: int = 0
