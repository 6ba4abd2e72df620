"""Settings of fit_baselines."""

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, Texts, from_open_run, setting
from components.shared.settings.run import TRAINING_SEED


class BaselinesSettings(BaseModel):
    """How the baselines from the hierarchy and from the literature are made."""

    model_config = STRICT

    hierarchy_beta: float = setting(
        0.8,
        "How fast a class's weight falls with each hop in softmax_hierarchy: exp(-beta hops).",
        0.0,
        100.0,
    )
    conse_hierarchy_beta: float = setting(0.8, "The same in conse_hierarchy.", 0.0, 100.0)
    conse_hierarchy_top: int = setting(
        10, "Softmax classes that conse_hierarchy combines; 0: all.", 0, 100_000
    )
    exem_bandwidth: float = setting(
        1.0,
        "Width of EXEM's kernel, as a multiple of the median distance between label vectors.",
        1e-3,
        1e3,
    )
    exem_ridge: float = setting(0.1, "Added to the diagonal of EXEM's kernel.", 1e-6, 1e6)
    exem_pca_dims: int = setting(
        0, "Principal components that EXEM reduces features to; 0: they stay as they are.", 0
    )
    exem_standardised: bool = setting(
        False, "Whether EXEM divides each dimension by its deviation within classes."
    )
    eszsl_gamma: float = setting(1.0, "ESZSL's regulariser of the features.", 1e-3, 1e12)
    eszsl_lambda: float = setting(1.0, "ESZSL's regulariser of the label vectors.", 1e-3, 1e12)
    dgp_hidden: int = setting(512, "Units of DGP's hidden layer.", 1, 65_536)
    dgp_steps: int = setting(600, "Steps that DGP is trained for.", 0, 1_000_000)
    dgp_learning_rate: float = setting(0.001, "Learning rate of DGP (Adam).", 0.0, 1.0)
    dgp_weight_decay: float = setting(0.0005, "Weight decay of DGP.", 0.0, 1.0)
    dgp_dropout: float = setting(0.5, "Share that DGP's layers leave out of a step.", 0.0, 0.99)
    dgp_farthest: int = setting(
        4, "Hops upwards and downwards that DGP tells apart; what lies further counts as that.", 1
    )
    training_seed: int = TRAINING_SEED
    set_names: Texts = from_open_run(
        ("unseen",), "Names of evaluate_zero_shot_sets, of which there must be images."
    )
    minimum_count: int = from_open_run(
        5, "A rarer term has no vector in DGP either: as labels_minimum_count."
    )
