"""KFP face of the stage that trains the visual network."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.stage import stage


@stage
def pretrain_visual(
    image_index: Input[Dataset],
    visual_architecture: str,
    visual_input_size: int,
    visual_resize: int,
    visual_crop_scale: float,
    visual_epochs: int,
    visual_patience: int,
    visual_batch_size: int,
    visual_learning_rate: float,
    visual_momentum: float,
    visual_weight_decay: float,
    visual_warmup_epochs: float,
    visual_label_smoothing: float,
    precision: str,
    seed: int,
    code_version: str,
    checkpoints_uri: str,
    visual_model: Output[Model],
) -> None:
    """Train a network to classify the seen classes, until its validation hit@1 stops rising."""
    from pathlib import Path

    from components.pretrain_visual import training
    from components.pretrain_visual.config import PretrainConfig
    from components.shared.stage_run import StageRun

    config = PretrainConfig(
        architecture=visual_architecture,
        input_size=visual_input_size,
        resize=visual_resize,
        crop_scale=visual_crop_scale,
        epochs=visual_epochs,
        patience=visual_patience,
        batch_size=visual_batch_size,
        learning_rate=visual_learning_rate,
        momentum=visual_momentum,
        weight_decay=visual_weight_decay,
        warmup_epochs=visual_warmup_epochs,
        label_smoothing=visual_label_smoothing,
        precision=precision,
        seed=seed,
    )
    run = StageRun(
        "pretrain_visual",
        code_version,
        config,
        inputs={"image_index": image_index},
        outputs={"visual_model": visual_model},
        checkpoints_uri=checkpoints_uri,
    )
    run.execute(
        lambda: training.pretrain_visual(
            config, Path(image_index.path), Path(visual_model.path), run.checkpoints, run.log
        )
    )
