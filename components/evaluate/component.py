"""KFP face of the stage that compares all models."""

from kfp.dsl import Dataset, Input, Metrics, Model, Output

from components.shared.execution.stage import stage


@stage
def evaluate(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    visual_model: Input[Model],
    continued_visual_model: Input[Model],
    features: Input[Dataset],
    models: Input[list[Model]],
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    evaluation: Output[Dataset],
    metrics: Output[Metrics],
) -> None:
    """Compare both softmaxes, every DeViSE model and ConSE on seen and zero-shot labels."""
    from pathlib import Path

    from components.evaluate.headline import publish
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.evaluate import EvaluateSettings
    from components.shared.settings.parameter import read

    config = read(EvaluateSettings, settings)
    inputs = {
        "taxonomy": taxonomy,
        "image_index": image_index,
        "visual_model": visual_model,
        "continued_visual_model": continued_visual_model,
        "features": features,
    }
    run = StageRun(
        "evaluate",
        code_version,
        config,
        inputs={**inputs, "models": models},
        outputs={"evaluation": evaluation},
        checkpoints_uri=checkpoints_uri,
    )
    output = Path(evaluation.path)

    def work() -> dict:
        from components.evaluate.evaluation import Inputs, write_evaluation

        folders = {name: Path(artifact.path) for name, artifact in inputs.items()}
        read_from = Inputs(**folders, models=tuple(Path(model.path) for model in models))
        return write_evaluation(config, read_from, output, run.facts(), run.checkpoints)

    run.execute(
        work,
        afterwards=lambda: publish(output, metrics.log_metric, Path(metrics.path)),
    )
    run.checkpoints.clear()
