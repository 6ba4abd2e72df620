"""KFP face of the stage that ranks one part of the test images with every model."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def rank_images(
    image_index: Input[Dataset],
    visual_model: Input[Model],
    continued_visual_model: Input[Model],
    features: Input[Dataset],
    compared: Input[Model],
    part: str,
    parts: str,
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    answers: Output[Dataset],
) -> None:
    """Ask both softmaxes, every DeViSE model and baseline about one part of the test images."""
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.evaluate import EvaluateSettings
    from components.shared.settings.parameter import read

    config = read(EvaluateSettings, {**settings, "part": int(part), "of_parts": int(parts)})
    inputs = {
        "image_index": image_index,
        "visual_model": visual_model,
        "continued_visual_model": continued_visual_model,
        "features": features,
        "compared": compared,
    }
    run = StageRun(
        "rank_images",
        code_version,
        config,
        inputs=inputs,
        outputs={"answers": answers},
        checkpoints_uri=checkpoints_uri,
    )

    def work() -> dict:
        from components.rank_images.ranking import Inputs, rank_part

        folders = Inputs(**{name: Path(artifact.path) for name, artifact in inputs.items()})
        return rank_part(config, folders, Path(answers.path), run.checkpoints)

    run.execute(work)
    run.forget()
