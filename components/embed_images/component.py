"""KFP face of the stage that computes the frozen trunk's features."""

from kfp.dsl import Dataset, Input, Model, Output

from components.shared.execution.stage import stage


@stage
def embed_images(
    image_index: Input[Dataset],
    visual_model: Input[Model],
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    features: Output[Dataset],
) -> None:
    """Keep the frozen trunk's features of every image, for all models and the evaluation."""
    from functools import partial
    from pathlib import Path

    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.embed import EmbedSettings
    from components.shared.settings.parameter import read

    config = read(EmbedSettings, settings)
    run = StageRun(
        "embed_images",
        code_version,
        config,
        inputs={"image_index": image_index, "visual_model": visual_model},
        outputs={"features": features},
        checkpoints_uri=checkpoints_uri,
    )
    folders = Path(image_index.path), Path(visual_model.path), Path(features.path)

    def work() -> dict:
        from components.embed_images.embedding import embed_images
        from components.shared.processes.launching import in_processes

        task = partial(embed_images, config, *folders, run.checkpoints)
        return in_processes(config.processes, "visual_processes", task)

    def again() -> None:
        from components.embed_images.renewing import ensure_shards

        ensure_shards(folders[0], folders[2], work)

    run.execute(work, when_reused=again)
    run.forget()
