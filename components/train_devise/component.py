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
    from functools import partial
    from pathlib import Path

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
        from components.shared.processes.launching import in_processes
        from components.train_devise.training import Inputs, write_devise_model

        folders = Inputs(**{name: Path(artifact.path) for name, artifact in inputs.items()})
        task = partial(
            write_devise_model, config, folders, Path(devise_model.path), run.checkpoints
        )
        # Phase 1 is one process's work.
        processes = config.processes if config.phase_2_epochs else 1
        return in_processes(processes, "devise_processes", task, run.log)

    run.execute(work)
    run.checkpoints.clear()
