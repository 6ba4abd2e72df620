"""KFP face of the stage that packs the images into shards and splits them."""

from kfp.dsl import Dataset, Input, Output

from components.shared.execution.stage import stage


@stage
def prepare_images(
    taxonomy: Input[Dataset],
    images_uri: str,
    images_classes: list[str],
    images_unseen: list[str],
    images_held_out_splits: list[str],
    images_zero_shot_splits: list[str],
    images_validation_share: float,
    images_per_class: int,
    images_ground_truth_uri: str,
    images_leave_out_duplicates: bool,
    images_store_uri: str,
    images_short_side: int,
    images_quality: int,
    images_shard_megabytes: int,
    seed: int,
    code_version: str,
    image_index: Output[Dataset],
) -> None:
    """Pack the images into shards; index them by class and by train, validation and test part."""
    from pathlib import Path

    from components.prepare_images.packing import ensure_shards, pack_images
    from components.shared.artifacts.taxonomy import read_taxonomy
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.images import ImagesConfig

    config = ImagesConfig(
        uri=images_uri,
        classes=images_classes,
        unseen=images_unseen,
        held_out_splits=images_held_out_splits,
        zero_shot_splits=images_zero_shot_splits,
        validation_share=images_validation_share,
        per_class=images_per_class,
        ground_truth_uri=images_ground_truth_uri,
        leave_out_duplicates=images_leave_out_duplicates,
        store_uri=images_store_uri,
        short_side=images_short_side,
        quality=images_quality,
        shard_megabytes=images_shard_megabytes,
        seed=seed,
    )
    run = StageRun(
        "prepare_images",
        code_version,
        config,
        inputs={"taxonomy": taxonomy},
        outputs={"image_index": image_index},
        sources=[uri for uri in (images_uri, images_ground_truth_uri) if uri],
    )
    folder = Path(image_index.path)
    terms = read_taxonomy(Path(taxonomy.path)).terms
    run.execute(
        lambda: pack_images(config, folder, terms), lambda: ensure_shards(config, folder, terms)
    )
