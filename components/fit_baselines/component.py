"""KFP face of the stage that fits baselines, and gathers every model that is compared."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def fit_baselines(
    taxonomy: Input[Dataset],
    word_vectors: Input[Model],
    image_index: Input[Dataset],
    visual_model: Input[Model],
    continued_visual_model: Input[Model],
    features: Input[Dataset],
    models: Input[list[Model]],
    settings: dict,
    code_version: str,
    compared: Output[Model],
) -> None:
    """Check that all models can be compared, fit baselines, and put all into one artifact."""
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.baselines import BaselinesSettings
    from components.shared.settings.parameter import read

    config = read(BaselinesSettings, settings)
    inputs = {
        "taxonomy": taxonomy,
        "word_vectors": word_vectors,
        "image_index": image_index,
        "visual_model": visual_model,
        "continued_visual_model": continued_visual_model,
        "features": features,
    }
    every, outputs = {**inputs, "models": models}, {"compared": compared}
    run = StageRun("fit_baselines", code_version, config, inputs=every, outputs=outputs)

    def work() -> dict:
        from components.fit_baselines.gathering import Inputs, gather

        folders = {name: Path(artifact.path) for name, artifact in inputs.items()}
        read_from = Inputs(**folders, models=tuple(Path(model.path) for model in models))
        return gather(config, read_from, Path(compared.path))

    run.execute(work)
