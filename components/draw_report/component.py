"""KFP face of the stage that draws the report."""

from kfp.dsl import HTML, ClassificationMetrics, Dataset, Input, Markdown, Model, Output

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
    summary: Output[Markdown],
    confusion: Output[ClassificationMetrics],
) -> None:
    """Draw the page of a run from what the stages before it wrote, in whole and in brief."""
    from pathlib import Path

    from components.draw_report.confusion import publish
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
    outputs = {"report": report, "summary": summary, "confusion": confusion}
    run = StageRun(
        "draw_report", code_version, config, inputs={**inputs, "models": models}, outputs=outputs
    )

    def work() -> dict:
        from components.draw_report.data import Inputs
        from components.draw_report.outputs import Outputs, write_report

        read_from = Inputs(
            **{name: Path(artifact.path) for name, artifact in inputs.items()},
            models=tuple(Path(model.path) for model in models),
        )
        written = Outputs(**{name: Path(artifact.path) for name, artifact in outputs.items()})
        return write_report(config, read_from, written, run.facts())

    run.execute(
        work,
        afterwards=lambda: publish(Path(confusion.path), confusion.log_confusion_matrix),
    )
