"""KFP face of the stage that compares all models."""

from kfp.dsl import Dataset, Input, Metrics, Model, Output

from components.shared.execution.stage import stage


@stage
def evaluate(
    taxonomy: Input[Dataset],
    image_index: Input[Dataset],
    visual_model: Input[Model],
    continued_visual_model: Input[Model],
    label_space: Input[Dataset],
    random_label_space: Input[Dataset],
    devise_model: Input[Model],
    random_devise_model: Input[Model],
    variant_models: Input[list[Model]],
    evaluate_zero_shot_sets: list[str],
    evaluate_conse_top: int,
    evaluate_bootstrap_samples: int,
    devise_variants: list[str],
    precision: str,
    seed: int,
    training_seed: int,
    code_version: str,
    evaluation: Output[Dataset],
    metrics: Output[Metrics],
) -> None:
    """Compare both softmaxes, every DeViSE model and ConSE on seen and zero-shot labels."""
    from pathlib import Path

    from components.evaluate.evaluation import Inputs, write_evaluation
    from components.evaluate.headline import publish
    from components.shared.execution.stage_run import StageRun
    from components.shared.settings.evaluate import EvaluateConfig

    config = EvaluateConfig(
        zero_shot_sets=tuple(evaluate_zero_shot_sets),
        conse_top=evaluate_conse_top,
        bootstrap_samples=evaluate_bootstrap_samples,
        variants=tuple(devise_variants),
        precision=precision,
        seed=seed,
        training_seed=training_seed,
    )
    inputs = {
        "taxonomy": taxonomy,
        "image_index": image_index,
        "visual_model": visual_model,
        "continued_visual_model": continued_visual_model,
        "label_space": label_space,
        "random_label_space": random_label_space,
        "devise_model": devise_model,
        "random_devise_model": random_devise_model,
    }
    every, outputs = {**inputs, "variant_models": variant_models}, {"evaluation": evaluation}
    run = StageRun("evaluate", code_version, config, inputs=every, outputs=outputs)
    variants = tuple(Path(model.path) for model in variant_models)
    folders = {name: Path(artifact.path) for name, artifact in inputs.items()}
    output = Path(evaluation.path)
    run.execute(
        lambda: write_evaluation(
            config, Inputs(**folders, variant_models=variants), output, run.facts()
        ),
        afterwards=lambda: publish(output, metrics.log_metric, Path(metrics.path), run.headline),
    )
