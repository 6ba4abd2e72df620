"""KFP face of the stage that joins the packed parts of the images and splits them."""

from kfp.dsl import Dataset, Input, Output

from components.shared.execution.stage import stage


@stage
def prepare_images(
    packed_images: Input[list[Dataset]],
    taxonomy: Input[Dataset],
    settings: dict,
    code_version: str,
    image_index: Output[Dataset],
) -> None:
    """Index the packed images by class and by train, validation and test part."""
    from pathlib import Path

    from components.prepare_images.joining import join_parts
    from components.shared.artifacts.taxonomy import read_taxonomy
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.images import ImagesSettings
    from components.shared.settings.parameter import read

    config = read(ImagesSettings, settings)
    inputs = {"packed_images": packed_images, "taxonomy": taxonomy}
    run = StageRun(
        "prepare_images", code_version, config, inputs=inputs, outputs={"image_index": image_index}
    )
    parts, source = [Path(part.path) for part in packed_images], Path(taxonomy.path)
    run.execute(
        lambda: join_parts(config, parts, Path(image_index.path), read_taxonomy(source).terms)
    )
