"""KFP face of the stage that compares all models."""

from kfp.dsl import HTML, Dataset, Input, Metrics, Model, Output

from components.shared.execution.stage import stage


@stage
def evaluate(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    visual_model: Input[Model],
    continued_visual_model: Input[Model],
    models: Input[list[Model]],
    settings: dict,
    code_version: str,
    evaluation: Output[Dataset],
    report: Output[HTML],
    metrics: Output[Metrics],
) -> None:
    """Compare both softmaxes, every DeViSE model and ConSE on seen and zero-shot labels."""
    from pathlib import Path

    from components.evaluate.evaluation import Inputs, write_evaluation
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
    }
    run = StageRun(
        "evaluate",
        code_version,
        config,
        inputs={**inputs, "models": models},
        outputs={"evaluation": evaluation, "report": report},
    )
    devise, random, *variants = (Path(model.path) for model in models)
    folders = Inputs(
        **{name: Path(artifact.path) for name, artifact in inputs.items()},
        label_space=devise / "label_space",
        random_label_space=random / "label_space",
        devise_model=devise,
        random_devise_model=random,
        variant_models=tuple(variants),
    )
    files = Path(evaluation.path), Path(report.path)
    run.execute(
        lambda: write_evaluation(config, folders, *files, run.facts()),
        afterwards=lambda: publish(*files, metrics.log_metric, Path(metrics.path), run.headline),
    )
