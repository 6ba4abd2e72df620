"""Settings of train_devise."""

from typing import Literal

from pydantic import BaseModel

from components.shared.settings.parameter import (
    STRICT,
    Texts,
    from_open_run,
    setting,
)
from components.shared.settings.run import PRECISION, TRAINING_SEED, Precision

SOFT_LABEL_SHARE = "soft_label_share"
"""In a model's config.json: the share of its training's targets that the hierarchy spread."""


class DeviseSettings(BaseModel):
    """How the projection, and then the whole network, is trained."""

    model_config = STRICT

    loss: Literal["rank", "l2", "cross_entropy"] = setting(
        "rank", "Hinge rank loss (eq. 1), L2, or cross-entropy of a softmax over cosines."
    )
    margin: float = setting(0.1, "Margin of the hinge rank loss.", 0.0, 2.0)
    margin_scaling: Literal["constant", "relatedness"] = setting(
        "constant", "Whether the margin shrinks between related labels, by 1 less their cosine."
    )
    violators: Literal["random", "fixed_order", "all"] = setting(
        "random",
        "False labels in the loss: a random violator (the paper), the first in a fixed order, all.",
    )
    temperature: float = setting(
        0.05, "What cosines are divided by in the cross-entropy.", 1e-3, 10.0
    )
    soft_label_share: float = setting(
        0.0,
        "Share of the cross-entropy's targets that is spread over all labels, the most to those "
        "nearest in the hierarchy.",
        0.0,
        1.0,
    )
    soft_label_beta: float = setting(
        0.5, "How fast that falls with each hop between labels: exp(-beta hops).", 0.01, 100.0
    )
    normalise_projection: bool = setting(
        True, "Whether the projected image is normalised in training too."
    )
    bias: bool = setting(False, "Whether the projection has a bias.")
    batch_size: int = setting(128, "Images in a batch.", 1, 65_536)
    phase_1_epochs: int = setting(20, "Epochs of the projection alone (SGD).", 1, 10_000)
    phase_1_learning_rate: float = setting(0.1, "Highest learning rate of phase 1.", 1e-6, 100.0)
    phase_1_momentum: float = setting(0.9, "Momentum of phase 1.", 0.0, 0.999)
    phase_1_views: int = setting(
        4, "Augmented views of each image whose features phase 1 goes through in turn.", 1, 1000
    )
    phase_2_epochs: int = setting(4, "Epochs of the whole network (Adagrad).", 0, 10_000)
    phase_2_learning_rate: float = setting(
        0.001, "Learning rate of the projection in phase 2.", 0.0, 10.0
    )
    phase_2_trunk_learning_rate: float = setting(
        0.0001, "Learning rate of the visual network in phase 2.", 0.0, 10.0
    )
    phase_2_accumulator: float = setting(
        1e-8, "What Adagrad's sums of squares start from.", 0.0, 1000.0
    )
    freeze_batchnorm: bool = setting(
        True, "Whether BatchNorm keeps its running statistics in phase 2."
    )
    dropout: bool = setting(True, "Whether the visual network's dropout is on in phase 2.")
    processes: int = setting(
        0,
        "Processes that train the whole network together; 0: as many as there are GPUs, else 1.",
        0,
        64,
        of_machine=True,
    )
    nodes: int = setting(
        1,
        "Nodes of a cluster with Kubeflow Trainer that train the whole network together, with "
        "so many processes each.",
        1,
        64,
        of_machine=True,
    )
    variants: Texts = setting(
        ("devise_l2: devise_loss=l2",),
        "More models to train and compare: each a name and the settings in which it differs.",
        of_graph=True,
    )
    precision: Precision = PRECISION
    training_seed: int = TRAINING_SEED
    model_name: str = from_open_run("devise", "What the model is called in the tables.")

    @property
    def share_by_hierarchy(self) -> float:
        """The share of the targets that the hierarchy spreads; only the cross-entropy has any."""
        return self.soft_label_share if self.loss == "cross_entropy" else 0.0
