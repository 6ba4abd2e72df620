"""KFP face of the stage that puts the model into MLflow's registry."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def register_model(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    models: Input[list[Model]],
    evaluation: Input[Dataset],
    settings: dict,
    code_version: str,
    registration: Output[Dataset],
) -> None:
    """Log and register the first of the models; make it the champion where it is the better one."""
    from pathlib import Path

    from components.register_model.registration import Inputs, register
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.parameter import read
    from components.shared.settings.register import RegisterSettings

    config = read(RegisterSettings, settings)
    inputs = {
        "taxonomy": taxonomy,
        "image_index": image_index,
        "devise_model": models[0],
        "evaluation": evaluation,
    }
    outputs = {"registration": registration}
    run = StageRun("register_model", code_version, config, inputs=inputs, outputs=outputs)
    folders = Inputs(**{name: Path(artifact.path) for name, artifact in inputs.items()})
    run.execute(
        lambda: register(config, folders, Path(registration.path), run.mlflow_run_id),
        afterwards=run.finish_pipeline,
    )
