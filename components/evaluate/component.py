"""KFP face of the stage that joins all answers and compares the models by them."""

from kfp.dsl import Dataset, Input, Metrics, Model, Output

from components.shared.execution.stage import stage


@stage
def evaluate(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    compared: Input[Model],
    answers: Input[list[Dataset]],
    settings: dict,
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
        "compared": compared,
    }
    run = StageRun(
        "evaluate",
        code_version,
        config,
        inputs={**inputs, "answers": answers},
        outputs={"evaluation": evaluation},
    )
    output = Path(evaluation.path)

    def work() -> dict:
        from components.evaluate.evaluation import Inputs, write_evaluation

        folders = {name: Path(artifact.path) for name, artifact in inputs.items()}
        read_from = Inputs(**folders, answers=tuple(Path(part.path) for part in answers))
        return write_evaluation(config, read_from, output, run.facts())

    run.execute(
        work,
        afterwards=lambda: publish(output, metrics.log_metric, Path(metrics.path)),
    )
