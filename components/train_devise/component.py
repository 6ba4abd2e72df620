"""KFP face of the stage that trains a DeViSE model."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def train_devise(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    visual_model: Input[Model],
    features: Input[Dataset],
    label_space: Input[Dataset],
    settings: str,
    checkpoints_uri: str,
    code_version: str,
    devise_model: Output[Model],
) -> None:
    """Project the visual model's features into the label space: phase 1, then phase 2."""
    import json

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.devise import DeviseSettings
    from components.shared.settings.parameter import read

    config = read(DeviseSettings, json.loads(settings))
    inputs = {
        "taxonomy": taxonomy,
        "image_index": image_index,
        "visual_model": visual_model,
        "features": features,
        "label_space": label_space,
    }
    run = StageRun(
        "train_devise",
        code_version,
        config,
        inputs=inputs,
        outputs={"devise_model": devise_model},
        checkpoints_uri=checkpoints_uri,
        variant=config.model_name,
    )

    def work() -> dict:
        from components.shared.nodes.crew import work_together
        from components.train_devise.crew import CREW

        return work_together(CREW, run)

    run.execute(work)
    run.forget()
