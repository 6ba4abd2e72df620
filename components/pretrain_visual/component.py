"""KFP face of the stage that trains the visual network."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


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
    visual_pretrained: str,
    visual_pretrained_classes_uri: str,
    visual_allow_unseen_overlap: bool,
    precision: str,
    training_seed: int,
    code_version: str,
    checkpoints_uri: str,
    visual_model: Output[Model],
    start: Input[Model] = None,  # A cluster's SDK would call a union.
) -> None:
    """Train a network to classify the seen classes, until its validation hit@1 stops rising.

    With `start`, a finished visual model, it is that one which is trained on.
    """
    from pathlib import Path

    from components.pretrain_visual import training
    from components.shared.execution.stage_run import StageRun
    from components.shared.networks.pretrained import pretrained_sources
    from components.shared.settings.visual import PretrainConfig

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
        pretrained=visual_pretrained,
        pretrained_classes_uri=visual_pretrained_classes_uri,
        allow_unseen_overlap=visual_allow_unseen_overlap,
        precision=precision,
        training_seed=training_seed,
    )
    run = StageRun(
        "pretrain_visual",
        code_version,
        config,
        inputs={"image_index": image_index, **({"start": start} if start else {})},
        outputs={"visual_model": visual_model},
        sources=pretrained_sources(visual_pretrained, visual_pretrained_classes_uri),
        checkpoints_uri=checkpoints_uri,
        variant="continued" if start else "",
    )
    run.execute(
        lambda: training.pretrain_visual(
            config,
            Path(image_index.path),
            Path(visual_model.path),
            run.checkpoints,
            run.log,
            Path(start.path) if start else None,
        )
    )
