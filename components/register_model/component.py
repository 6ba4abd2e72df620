"""KFP face of the stage that puts the model into MLflow's registry."""

from kfp.dsl import HTML, Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def register_model(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    models: Input[list[Model]],
    evaluation: Input[Dataset],
    report: Input[HTML],
    settings: dict,
    code_version: str,
    registration: Output[Dataset],
) -> None:
    """Register the first of the models, as champion where it is the better one; close the run."""
    from pathlib import Path

    from components.register_model.headline import publish
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
    written = Path(registration.path)

    def work() -> dict:
        from components.register_model.registration import Inputs, register

        folders = Inputs(**{name: Path(artifact.path) for name, artifact in inputs.items()})
        return register(config, folders, written, run.require_mlflow())

    run.execute(
        work,
        afterwards=lambda: publish(Path(evaluation.path), Path(report.path), written, run),
    )
