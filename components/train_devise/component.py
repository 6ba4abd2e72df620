"""KFP face of the stage that trains a DeViSE model."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def train_devise(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    visual_model: Input[Model],
    label_space: Input[Dataset],
    variant: str,
    devise_loss: str,
    devise_margin: float,
    devise_margin_scaling: str,
    devise_violators: str,
    devise_temperature: float,
    devise_soft_label_share: float,
    devise_soft_label_beta: float,
    devise_normalise_projection: bool,
    devise_bias: bool,
    devise_batch_size: int,
    devise_phase_1_epochs: int,
    devise_phase_1_learning_rate: float,
    devise_phase_1_momentum: float,
    devise_phase_1_views: int,
    devise_phase_2_epochs: int,
    devise_phase_2_learning_rate: float,
    devise_phase_2_trunk_learning_rate: float,
    devise_phase_2_accumulator: float,
    devise_freeze_batchnorm: bool,
    devise_dropout: bool,
    precision: str,
    training_seed: int,
    code_version: str,
    checkpoints_uri: str,
    devise_model: Output[Model],
) -> None:
    """Project the visual model's features into the label space: phase 1, then phase 2."""
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.devise import DeviseConfig
    from components.shared.settings.variants import parse_variant, varied
    from components.train_devise.training import Inputs, write_devise_model

    config = DeviseConfig(
        model_name=parse_variant(variant).name,
        loss=devise_loss,
        margin=devise_margin,
        margin_scaling=devise_margin_scaling,
        violators=devise_violators,
        temperature=devise_temperature,
        soft_label_share=devise_soft_label_share,
        soft_label_beta=devise_soft_label_beta,
        normalise_projection=devise_normalise_projection,
        bias=devise_bias,
        batch_size=devise_batch_size,
        phase_1_epochs=devise_phase_1_epochs,
        phase_1_learning_rate=devise_phase_1_learning_rate,
        phase_1_momentum=devise_phase_1_momentum,
        phase_1_views=devise_phase_1_views,
        phase_2_epochs=devise_phase_2_epochs,
        phase_2_learning_rate=devise_phase_2_learning_rate,
        phase_2_trunk_learning_rate=devise_phase_2_trunk_learning_rate,
        phase_2_accumulator=devise_phase_2_accumulator,
        freeze_batchnorm=devise_freeze_batchnorm,
        dropout=devise_dropout,
        precision=precision,
        training_seed=training_seed,
    )
    inputs = {
        "taxonomy": taxonomy,
        "image_index": image_index,
        "visual_model": visual_model,
        "label_space": label_space,
    }
    outputs = {"devise_model": devise_model}
    run = StageRun(
        "train_devise",
        code_version,
        varied(config, variant),
        inputs=inputs,
        outputs=outputs,
        checkpoints_uri=checkpoints_uri,
        variant=config.model_name,
    )
    run.execute(
        lambda: write_devise_model(
            run.config,
            Inputs(**{name: Path(artifact.path) for name, artifact in inputs.items()}),
            Path(devise_model.path),
            run.checkpoints,
            run.log,
        )
    )
