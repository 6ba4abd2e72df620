"""KFP face of the stage that opens the run and checks every parameter."""

from kfp.dsl import Dataset, Output

from components.shared.execution.stage import stage


@stage
def open_run(
    seed: int,
    training_seed: int,
    run_name: str,
    mlflow_experiment: str,
    checkpoints_uri: str,
    precision: str,
    taxonomy_uri: str,
    taxonomy_edges: str,
    corpus_uris: list[str],
    corpus_unit: str,
    corpus_maximum_tokens: int,
    skipgram_dim: int,
    skipgram_window: int,
    skipgram_epochs: int,
    skipgram_minimum_count: int,
    skipgram_vocabulary_size: int,
    skipgram_learning_rate: float,
    skipgram_minimum_learning_rate: float,
    skipgram_subsampling: float,
    skipgram_workers: int,
    skipgram_block_tokens: int,
    skipgram_phrase_passes: int,
    skipgram_phrase_threshold: float,
    skipgram_phrase_minimum_count: int,
    skipgram_pretrained_uri: str,
    skipgram_probe_terms: list[str],
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
    visual_architecture: str,
    visual_input_size: int,
    visual_resize: int,
    visual_crop_scale: float,
    visual_epochs: int,
    visual_patience: int,
    visual_batch_size: int,
    visual_learning_rate: float,
    visual_momentum: float,
    visual_weight_decay: float,
    visual_warmup_epochs: float,
    visual_label_smoothing: float,
    visual_pretrained: str,
    visual_pretrained_classes_uri: str,
    visual_allow_unseen_overlap: bool,
    visual_continued_learning_rate: float,
    labels_minimum_count: int,
    labels_target: str,
    labels_retrofitting: float,
    labels_centred: bool,
    devise_loss: str,
    devise_margin: float,
    devise_margin_scaling: str,
    devise_violators: str,
    devise_temperature: float,
    devise_soft_label_share: float,
    devise_soft_label_beta: float,
    devise_normalise_projection: bool,
    devise_bias: bool,
    devise_batch_size: int,
    devise_phase_1_epochs: int,
    devise_phase_1_learning_rate: float,
    devise_phase_1_momentum: float,
    devise_phase_1_views: int,
    devise_phase_2_epochs: int,
    devise_phase_2_learning_rate: float,
    devise_phase_2_trunk_learning_rate: float,
    devise_phase_2_accumulator: float,
    devise_freeze_batchnorm: bool,
    devise_dropout: bool,
    devise_variants: list[str],
    evaluate_zero_shot_sets: list[str],
    evaluate_conse_top: int,
    evaluate_bootstrap_samples: int,
    report_gallery_images: int,
    register_model_name: str,
    register_metric: str,
    register_minimum_gain: float,
    run: Output[Dataset],
) -> None:
    """Check all parameters and inputs, and open the MLflow run that the stages report to."""
    values = {
        name: value for name, value in locals().items() if name not in ("run", "code_version")
    }
    from pathlib import Path

    from components.open_run.opening import open_pipeline_run
    from components.shared.execution.stage_run import record_failure

    with record_failure("open_run"):
        open_pipeline_run(values, Path(run.path))
