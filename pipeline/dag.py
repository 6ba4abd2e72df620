"""The whole graph.

 1. open_run           checks every parameter, opens the MLflow run
 2. prepare_taxonomy   synsets, their terms, the hierarchy
 3. prepare_corpus     text to one article a line (a task for each of corpus_uris)
 4. train_skipgram     a vector for every term
 5. prepare_images     images packed in shards, and their index with the splits
 6. pretrain_visual    the visual model, a softmax classifier; and the same one trained on for as
                       long as phase 2, the fair baseline
 7. map_synsets        a vector for every label, learned and random
 8. train_devise       the visual-semantic embedding: on learned label vectors, on random ones,
                       and each of devise_variants
 9. evaluate           every model on seen and zero-shot labels
10. draw_report        the page that shows it
11. register_model     the model in MLflow's registry, champion or not
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kfp import dsl

from components.draw_report.component import draw_report
from components.evaluate.component import evaluate
from components.map_synsets.component import map_synsets
from components.open_run.component import open_run
from components.prepare_corpus.component import prepare_corpus
from components.prepare_images.component import prepare_images
from components.prepare_taxonomy.component import prepare_taxonomy
from components.pretrain_visual.component import pretrain_visual
from components.register_model.component import register_model
from components.shared.settings.parameter import PARAMETERS, Value
from components.train_devise.component import train_devise
from components.train_skipgram.component import train_skipgram
from pipeline.code_version import code_version

Configure = Callable[[dsl.PipelineTask, str], None]
"""Given a task and its stage's name: sets resources, images, secrets."""


def build(defaults: Mapping[str, Value], configure: Configure) -> Any:
    """The pipeline, with these values as the run form's defaults."""

    def devise(*values: Any) -> None:
        given = dict(zip(PARAMETERS, values, strict=True))

        def task(component: Any, display_name: str, **inputs: Any) -> dsl.PipelineTask:
            stage = component.python_func.__name__
            offered = {**given, "code_version": code_version(stage)}
            wanted = {
                n: offered[n]
                for n in component.component_spec.inputs
                if n in offered and n not in inputs
            }
            made = component(**wanted, **inputs)
            configure(made.set_display_name(display_name), stage)
            return made

        opened = task(open_run, "Open run")
        taxonomy = task(prepare_taxonomy, "Prepare taxonomy").after(opened).output
        with dsl.ParallelFor(given["corpus_uris"], name="corpora") as uri:
            corpus = task(prepare_corpus, "Prepare corpus", corpus_uri=uri, taxonomy=taxonomy)
        word_vectors = task(
            train_skipgram,
            "Train skip-gram",
            corpora=dsl.Collected(corpus.outputs["corpus"]),
            taxonomy=taxonomy,
        ).output
        image_index = task(prepare_images, "Prepare images", taxonomy=taxonomy).output
        visual_model = task(
            pretrain_visual, "Pretrain visual model", image_index=image_index
        ).output
        continued_model = task(
            pretrain_visual,
            "Train the softmax on",
            image_index=image_index,
            start=visual_model,
            visual_epochs=given["devise_phase_2_epochs"],
            visual_learning_rate=given["visual_continued_learning_rate"],
            visual_warmup_epochs=0.0,
            visual_patience=0,
        ).output
        labelled = {
            "taxonomy": taxonomy,
            "word_vectors": word_vectors,
            "image_index": image_index,
        }
        spaces = task(map_synsets, "Map synsets to vectors", variant="devise", **labelled).outputs
        seen = {"image_index": image_index, "visual_model": visual_model}
        trained = {"taxonomy": taxonomy, **seen}
        devise_model = task(
            train_devise,
            "Train DeViSE",
            variant="devise",
            label_space=spaces["label_space"],
            **trained,
        ).output
        random_model = task(
            train_devise,
            "Train on random vectors",
            variant="random",
            label_space=spaces["random_label_space"],
            **trained,
        ).output
        # One after the other: side by side on the same cores or GPU they take longer together.
        with dsl.ParallelFor(given["devise_variants"], name="variants", parallelism=1) as variant:
            variant_space = task(
                map_synsets, "Map synsets of a variant", variant=variant, **labelled
            ).outputs["label_space"]
            variant_model = task(
                train_devise,
                "Train a variant",
                variant=variant,
                label_space=variant_space,
                **trained,
            )
        compared = {
            **trained,
            "devise_model": devise_model,
            "random_devise_model": random_model,
            "continued_visual_model": continued_model,
        }
        evaluation = task(
            evaluate,
            "Evaluate",
            variant_models=dsl.Collected(variant_model.outputs["devise_model"]),
            **compared,
            **spaces,
        ).outputs["evaluation"]
        report = task(
            draw_report,
            "Draw report",
            variant_models=dsl.Collected(variant_model.outputs["devise_model"]),
            evaluation=evaluation,
            **compared,
        )
        task(
            register_model,
            "Register model",
            taxonomy=taxonomy,
            image_index=image_index,
            devise_model=devise_model,
            evaluation=evaluation,
        ).after(report)

    devise.__signature__ = _signature(defaults)  # type: ignore[attr-defined]
    devise.__doc__ = _description()
    return dsl.pipeline(name="devise", display_name="DeViSE")(devise)


def _signature(defaults: Mapping[str, Value]) -> inspect.Signature:
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    return inspect.Signature(
        [
            inspect.Parameter(
                name, kind, default=defaults[name], annotation=_annotation(parameter.default)
            )
            for name, parameter in PARAMETERS.items()
        ]
    )


def _annotation(default: Value) -> Any:
    return list[str] if isinstance(default, list) else type(default)


def _description() -> str:
    arguments = "\n".join(f"    {p.name}: {p.description}" for p in PARAMETERS.values())
    return f"Deep visual-semantic embedding (Frome et al., NIPS 2013).\n\nArgs:\n{arguments}\n"
