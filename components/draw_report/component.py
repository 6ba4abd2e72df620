"""KFP face of the stage that draws the report."""

from kfp.dsl import HTML, Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def draw_report(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    visual_model: Input[Model],
    continued_visual_model: Input[Model],
    models: Input[list[Model]],
    evaluation: Input[Dataset],
    settings: dict,
    code_version: str,
    report: Output[HTML],
) -> None:
    """Draw the page of a run from what the stages before it wrote."""
    from pathlib import Path

    from components.draw_report.data import Inputs
    from components.draw_report.page import write_report
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.parameter import read
    from components.shared.settings.report import ReportSettings

    config = read(ReportSettings, settings)
    inputs = {
        "taxonomy": taxonomy,
        "image_index": image_index,
        "visual_model": visual_model,
        "continued_visual_model": continued_visual_model,
        "evaluation": evaluation,
    }
    every, outputs = {**inputs, "models": models}, {"report": report}
    run = StageRun("draw_report", code_version, config, inputs=every, outputs=outputs)
    folders = {name: Path(artifact.path) for name, artifact in inputs.items()}
    trained, page = tuple(Path(model.path) for model in models), Path(report.path)
    run.execute(lambda: write_report(config, Inputs(**folders, models=trained), page, run.facts()))
