"""KFP face of the stage that gives every label a vector."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def map_synsets(
    taxonomy: Input[Dataset],
    word_vectors: Input[Model],
    image_index: Input[Dataset],
    variant: str,
    labels_minimum_count: int,
    labels_target: str,
    labels_retrofitting: float,
    labels_centred: bool,
    evaluate_zero_shot_sets: list,
    seed: int,
    code_version: str,
    label_space: Output[Dataset],
    random_label_space: Output[Dataset],
) -> None:
    """Give every label its term vectors: the label space, and its twin with random vectors."""
    from pathlib import Path

    from components.map_synsets.mapping import write_label_spaces
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.labels import LabelsConfig
    from components.shared.settings.variants import varied

    config = LabelsConfig(
        minimum_count=labels_minimum_count,
        target=labels_target,
        retrofitting=labels_retrofitting,
        centred=labels_centred,
        evaluate_zero_shot_sets=tuple(evaluate_zero_shot_sets),
        seed=seed,
    )
    inputs = {"taxonomy": taxonomy, "word_vectors": word_vectors, "image_index": image_index}
    outputs = {"label_space": label_space, "random_label_space": random_label_space}
    run = StageRun(
        "map_synsets",
        code_version,
        varied(config, variant),
        inputs=inputs,
        outputs=outputs,
        variant="" if variant == "devise" else variant.partition(":")[0],
    )
    folders = [Path(artifact.path) for artifact in [*inputs.values(), *outputs.values()]]
    run.execute(lambda: write_label_spaces(run.config, *folders))
