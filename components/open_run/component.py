"""KFP face of the stage that opens the run, resolves its settings and checks everything."""

from typing import NamedTuple

from kfp.dsl import Dataset, Output

from components.shared.execution.stage import stage


@stage
def open_run(
    preset: str,
    taxonomy_uri: str,
    corpus_uris: list,
    images_uri: str,
    images_store_uri: str,
    checkpoints_uri: str,
    run_name: str,
    mlflow_experiment: str,
    seed: int,
    training_seed: int,
    settings: dict,
    gpus: int,
    visual_task_gpus: int,
    run: Output[Dataset],
) -> NamedTuple(  # type: ignore[valid-type]
    "Opened",
    [
        ("taxonomy", dict),
        ("corpus", dict),
        ("corpora", list),
        ("skipgram", dict),
        ("packing", dict),
        ("images", dict),
        ("image_parts", list),
        ("visual", dict),
        ("visual_gpus", str),
        ("continued_visual", dict),
        ("embed", dict),
        ("models", list),
        ("baselines", dict),
        ("evaluate", dict),
        ("evaluate_parts", list),
        ("report", dict),
        ("register", dict),
    ],
):
    """Resolve preset, settings and fields; check them and the inputs; open the MLflow run.

    Returns each group of settings for the stage that reads it, with the state of its sources; and
    for each training how many of the GPUs of a task that trains a network it asks for.
    """
    fields = {
        "taxonomy_uri": taxonomy_uri,
        "corpus_uris": corpus_uris,
        "images_uri": images_uri,
        "images_store_uri": images_store_uri,
        "checkpoints_uri": checkpoints_uri,
        "run_name": run_name,
        "mlflow_experiment": mlflow_experiment,
        "seed": seed,
        "training_seed": training_seed,
    }
    from pathlib import Path

    from components.open_run.opening import open_pipeline_run
    from components.shared.execution.run_folder import record_failure

    with record_failure("open_run"):
        return open_pipeline_run(preset, settings, fields, Path(run.path), gpus, visual_task_gpus)
