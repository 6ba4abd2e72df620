"""KFP face of the stage that packs the images into shards and splits them."""

from kfp.dsl import Dataset, Input, Output

from components.shared.execution.stage import stage


@stage
def prepare_images(
    taxonomy: Input[Dataset],
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    image_index: Output[Dataset],
) -> None:
    """Pack the images into shards; index them by class and by train, validation and test part."""
    from pathlib import Path

    from components.pack_images.packing import ensure_shards, pack_images
    from components.shared.artifacts.taxonomy import read_taxonomy
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.images import ImagesSettings
    from components.shared.settings.parameter import read

    config = read(ImagesSettings, settings)
    run = StageRun(
        "prepare_images",
        code_version,
        config,
        inputs={"taxonomy": taxonomy},
        outputs={"image_index": image_index},
        checkpoints_uri=checkpoints_uri,
    )
    folder, source = Path(image_index.path), Path(taxonomy.path)
    run.execute(
        lambda: pack_images(config, folder, read_taxonomy(source).terms, run.checkpoints),
        when_reused=lambda: ensure_shards(
            config, folder, read_taxonomy(source).terms, run.checkpoints
        ),
    )
    run.checkpoints.clear()
