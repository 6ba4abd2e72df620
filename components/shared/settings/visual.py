"""Parameters of pretrain_visual."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class PretrainConfig:
    """The visual network and how it is trained.

    Attributes:
        architecture: name of a classification model, torchvision's or small_resnet18.
        input_size: side of the network's input, pixels.
        resize: short side of the image that crops are taken from, pixels.
        crop_scale: smallest share of the area of a training crop; 1.0: plain random crops.
        epochs: most epochs; 0: the weights it starts from are taken as they are.
        patience: epochs without a better validation hit@1 before it stops; 0: never.
        batch_size: images in a batch.
        learning_rate: highest learning rate, after the warm-up.
        momentum: Nesterov momentum.
        weight_decay: of weights; biases and norms have none.
        warmup_epochs: epochs in which the learning rate rises from 0.
        label_smoothing: probability spread over all classes in the training targets.
        pretrained: torchvision weights by name or the address of a checkpoint; empty: fresh ones.
        pretrained_classes_uri: wnids, one line an output, of weights that do not know them.
        allow_unseen_overlap: whether weights that have seen a zero-shot class are taken.
        precision: bf16 (autocast) or fp32.
        training_seed: of the first weights, the order of images, their crops, and dropout.
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
    pretrained: str = ""
    pretrained_classes_uri: str = ""
    allow_unseen_overlap: bool = False
    precision: str = "bf16"
    training_seed: int = 0
