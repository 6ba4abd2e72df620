"""KFP face of the stage that puts the model into MLflow's registry."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def register_model(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    devise_model: Input[Model],
    evaluation: Input[Dataset],
    register_model_name: str,
    register_metric: str,
    register_minimum_gain: float,
    code_version: str,
    registration: Output[Dataset],
) -> None:
    """Log and register the model; make it the champion where it is the better one."""
    from pathlib import Path

    from components.register_model.registration import Inputs, register
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.register import RegisterConfig

    config = RegisterConfig(
        model_name=register_model_name,
        metric=register_metric,
        minimum_gain=register_minimum_gain,
    )
    inputs = {
        "taxonomy": taxonomy,
        "image_index": image_index,
        "devise_model": devise_model,
        "evaluation": evaluation,
    }
    outputs = {"registration": registration}
    run = StageRun("register_model", code_version, config, inputs=inputs, outputs=outputs)
    folders = Inputs(**{name: Path(artifact.path) for name, artifact in inputs.items()})
    run.execute(
        lambda: register(config, folders, Path(registration.path), run.mlflow_run_id),
        afterwards=run.finish_pipeline,
    )
