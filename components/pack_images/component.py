"""KFP face of the stage that lists and packs one part of the images."""

from kfp.dsl import Dataset, Input, Output

from components.shared.execution.stage import stage


@stage
def pack_images(
    taxonomy: Input[Dataset],
    part: str,
    parts: str,
    settings: dict,
    checkpoints_uri: str,
    code_version: str,
    packed_images: Output[Dataset],
) -> None:
    """Read one part of the source, tars in one pass, and pack its images into shards."""
    from pathlib import Path

    from components.pack_images.packing import ensure_shards, pack_part
    from components.shared.artifacts.taxonomy import read_taxonomy
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.images import ImagesSettings
    from components.shared.settings.parameter import read

    config = read(ImagesSettings, {**settings, "part": int(part), "parts": int(parts)})
    run = StageRun(
        "pack_images",
        code_version,
        config,
        inputs={"taxonomy": taxonomy},
        outputs={"packed_images": packed_images},
        checkpoints_uri=checkpoints_uri,
    )
    folder, source = Path(packed_images.path), Path(taxonomy.path)
    run.execute(
        lambda: pack_part(config, folder, read_taxonomy(source).terms, run.checkpoints),
        when_reused=lambda: ensure_shards(
            config, folder, read_taxonomy(source).terms, run.checkpoints
        ),
    )
    run.forget()
