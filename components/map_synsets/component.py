"""KFP face of the stage that gives every label a vector."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def map_synsets(
    taxonomy: Input[Dataset],
    word_vectors: Input[Model],
    image_index: Input[Dataset],
    variant: str,
    settings: str,
    code_version: str,
    label_space: Output[Dataset],
) -> None:
    """Give every label of a model its term vectors: the label space."""
    import json
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.labels import LabelsSettings
    from components.shared.settings.parameter import read

    config = read(LabelsSettings, json.loads(settings))
    inputs = {"taxonomy": taxonomy, "word_vectors": word_vectors, "image_index": image_index}
    run = StageRun(
        "map_synsets",
        code_version,
        config,
        inputs=inputs,
        outputs={"label_space": label_space},
        variant=variant,
    )

    def work() -> dict:
        from components.map_synsets.mapping import write_labels

        return write_labels(
            config, *(Path(artifact.path) for artifact in (*inputs.values(), label_space))
        )

    run.execute(work)
