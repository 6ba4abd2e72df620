"""Parameters of train_devise."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class DeviseConfig:
    """How the projection, and then the whole network, is trained.

    Attributes:
        model_name: `devise`, `random` or a variant's: what the model is called in the tables.
        loss: `rank` (the paper's eq. 1), `l2` (its ablation) or `cross_entropy` over cosines.
        margin: Margin of the hinge rank loss.
        margin_scaling: `constant`, or `relatedness`: times 1 less the labels' cosine.
        violators: Which violated margins count: a `random` one, the first in a `fixed_order`,
            or `all`.
        temperature: What cosines are divided by in the cross-entropy.
        soft_label_share: Share of the cross-entropy's targets that is spread over all labels.
        soft_label_beta: How fast that falls with each hop between labels.
        normalise_projection: Whether M v has unit norm in training too.
        bias: Whether the projection adds a bias.
        batch_size: Images in a batch.
        phase_1_epochs: Epochs of M alone.
        phase_1_learning_rate: Highest learning rate of SGD.
        phase_1_momentum: Momentum of SGD.
        phase_1_views: Augmented views of each image whose features are cached.
        phase_2_epochs: Epochs of the whole network.
        phase_2_learning_rate: Learning rate of Adagrad for M.
        phase_2_trunk_learning_rate: Learning rate of Adagrad for the trunk.
        phase_2_accumulator: What Adagrad's sums of squares start from.
        freeze_batchnorm: Whether BatchNorm keeps its running statistics in phase 2.
        dropout: Whether the visual network's dropout is on in phase 2.
        precision: `bf16` or `fp32`, of the trunk.
        training_seed: Of every random choice.
    """

    prefix: ClassVar[str] = "devise"
    model_name: str = "devise"
    loss: str = "rank"
    margin: float = 0.1
    margin_scaling: str = "constant"
    violators: str = "random"
    temperature: float = 0.05
    soft_label_share: float = 0.0
    soft_label_beta: float = 0.5
    normalise_projection: bool = True
    bias: bool = False
    batch_size: int = 128
    phase_1_epochs: int = 20
    phase_1_learning_rate: float = 0.1
    phase_1_momentum: float = 0.9
    phase_1_views: int = 4
    phase_2_epochs: int = 4
    phase_2_learning_rate: float = 0.001
    phase_2_trunk_learning_rate: float = 0.0001
    phase_2_accumulator: float = 1e-8
    freeze_batchnorm: bool = True
    dropout: bool = True
    precision: str = "bf16"
    training_seed: int = 0
