"""KFP face of the stage that trains the visual network."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def pretrain_visual(
    image_index: Input[Dataset],
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    visual_model: Output[Model],
    start: Input[Model] = None,  # A cluster's SDK would call a union.
) -> None:
    """Train a network to classify the seen classes, until its validation hit@1 stops rising.

    With `start`, a finished visual model, it is that one which is trained on.
    """
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.parameter import read
    from components.shared.settings.visual import VisualSettings

    config = read(VisualSettings, settings)
    run = StageRun(
        "pretrain_visual",
        code_version,
        config,
        inputs={"image_index": image_index, **({"start": start} if start else {})},
        outputs={"visual_model": visual_model},
        checkpoints_uri=checkpoints_uri,
        variant="continued" if start else "",
    )

    def work() -> dict:
        from components.pretrain_visual.crew import CREW
        from components.shared.nodes.crew import work_together

        return work_together(CREW, run)

    run.execute(work)
    run.forget()
