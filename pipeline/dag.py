"""The whole graph.

 1. open_run           resolves and checks every setting, opens the MLflow run
 2. prepare_taxonomy   synsets, their terms, the hierarchy
 3. prepare_corpus     text to one article a line (a task for each of corpus_uris)
 4. train_skipgram     a vector for every term
 5. pack_images        images packed in shards (a task for each of images_parts)
 6. prepare_images     the index of them all, with the splits
 7. pretrain_visual    the visual model, a softmax classifier; and the same one trained on for as
                       long as phase 2, the fair baseline
 8. embed_images       what the trained trunk makes of every image, for all models
 9. map_synsets        a vector for every label of a model
10. train_devise       the visual-semantic embedding; 9 and 10 for each model: the paper's, its twin
                       on random label vectors, and each of devise_variants
11. fit_baselines      every model that is compared, and baselines, in one artifact
12. rank_images        what each of them answers (a task for each of evaluate_parts)
13. evaluate           the figures of all answers, on seen and zero-shot labels
14. draw_report        the page that shows it
15. register_model     the model in MLflow's registry, champion or not
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from kfp import dsl
from kfp.dsl import Dataset, Input, Model

from components.draw_report.component import draw_report
from components.embed_images.component import embed_images
from components.evaluate.component import evaluate
from components.fit_baselines.component import fit_baselines
from components.map_synsets.component import map_synsets
from components.open_run.component import open_run
from components.pack_images.component import pack_images
from components.prepare_corpus.component import prepare_corpus
from components.prepare_images.component import prepare_images
from components.prepare_taxonomy.component import prepare_taxonomy
from components.pretrain_visual.component import pretrain_visual
from components.rank_images.component import rank_images
from components.register_model.component import register_model
from components.shared.execution.code_version import code_version
from components.train_devise.component import train_devise
from components.train_skipgram.component import train_skipgram
from pipeline.callers import callers
from pipeline.form import as_form
from pipeline.replaced import replaced

Configure = Callable[[dsl.PipelineTask, str], None]
"""Given a task and its stage's name: sets resources, images, secrets."""


SKIPGRAM, VISUAL, DEVISE = "train_skipgram", "pretrain_visual", "train_devise"
"""Stages after which the graph can end."""


def task_count(values: Mapping[str, Any], until: str = "") -> int:
    """How many tasks come after open_run.

    Args:
        values: Every setting by its public name.
        until: The stage that the graph ends with; empty: the last.
    """
    models = 2 * (2 + len(values["devise_variants"]))
    texts, parts = len(values["corpus_uris"]), values["images_parts"]
    ends = {VISUAL: 3 + parts, SKIPGRAM: 2 + texts, DEVISE: 5 + texts + parts + models}
    whole = ends[DEVISE] + 5 + values["evaluate_parts"]
    return int(ends.get(until, whole))


@replaced(inspect, "stack", callers)
def build(
    defaults: Mapping[str, Any],
    configure: Configure,
    parallel: int = 1,
    gpus: int = 0,
    visual_gpus: int = 0,
    until: str = "",
) -> Any:
    """The pipeline, with these values as the defaults of the run form.

    Args:
        defaults: Values of the fields of `pipeline.form`, by name.
        configure: Is handed every task.
        parallel: How many models are trained side by side; on the same cores or GPU two take longer
            together than one after the other.
        gpus: What a task that trains a model's whole network asks for; one that trains the
            projection alone asks for none, nor does one whose work nodes of their own do.
        visual_gpus: What a task that trains the visual network asks for, if such nodes do not.
        until: SKIPGRAM, VISUAL or DEVISE: the graph ends there, with nothing in it that the stage
            does not need; empty: it is whole.
    """
    assert until in ("", SKIPGRAM, VISUAL, DEVISE)

    def task(component: Any, display_name: str, **inputs: Any) -> dsl.PipelineTask:
        stage = component.python_func.__name__
        if "code_version" in component.component_spec.inputs:
            inputs["code_version"] = code_version(stage)
        made = component(**inputs)
        configure(made.set_display_name(display_name), stage)
        return made

    def visual_task(display_name: str, asked: Any, **inputs: Any) -> Any:
        made = task(pretrain_visual, display_name, **inputs)
        if visual_gpus:
            made.set_accelerator_limit(asked)
        return made.output

    @dsl.pipeline(name="word-vectors")
    def word_vectors(
        corpora: list, corpus: dict, skipgram: dict, taxonomy: Input[Dataset], checkpoints_uri: str
    ) -> Model:
        with dsl.ParallelFor(corpora, name="corpora") as part:
            cleaned = task(
                prepare_corpus, "Prepare corpus",
                uri=part.uri, state=part.state, settings=corpus, taxonomy=taxonomy,
                checkpoints_uri=checkpoints_uri,
            )  # fmt: skip
        return task(
            train_skipgram, "Train skip-gram",
            corpora=dsl.Collected(cleaned.outputs["corpus"]), taxonomy=taxonomy,
            settings=skipgram, checkpoints_uri=checkpoints_uri,
        ).output  # fmt: skip

    @dsl.pipeline(name="images")
    def images_of(
        parts: list,
        packing: dict,
        images: dict,
        taxonomy: Input[Dataset],
        checkpoints_uri: str,
    ) -> Dataset:
        with dsl.ParallelFor(parts, name="parts") as one:
            packed = task(
                pack_images, "Pack images",
                part=one.part, parts=one.parts, settings=packing, taxonomy=taxonomy,
                checkpoints_uri=checkpoints_uri,
            )  # fmt: skip
        return task(
            prepare_images, "Prepare images",
            packed_images=dsl.Collected(packed.outputs["packed_images"]), taxonomy=taxonomy,
            settings=images,
        ).output  # fmt: skip

    @dsl.pipeline(name="embeddings")
    def embeddings(
        models: list,
        taxonomy: Input[Dataset],
        words: Input[Model],
        image_index: Input[Dataset],
        visual_model: Input[Model],
        features: Input[Dataset],
        checkpoints_uri: str,
    ) -> list[Model]:
        with dsl.ParallelFor(models, name="models", parallelism=parallel) as model:
            space = task(
                map_synsets, "Map synsets to vectors",
                variant=model.variant, settings=model.labels,
                taxonomy=taxonomy, word_vectors=words, image_index=image_index,
            ).output  # fmt: skip
            trained = task(
                train_devise, "Train DeViSE",
                settings=model.devise, checkpoints_uri=checkpoints_uri, taxonomy=taxonomy,
                image_index=image_index, visual_model=visual_model, features=features,
                label_space=space,
            )  # fmt: skip
            if gpus:
                trained.set_accelerator_limit(model.gpus)
        collected: list[Model] = dsl.Collected(trained.outputs["devise_model"])
        return collected

    @dsl.pipeline(name="answers")
    def answers_of(
        parts: list,
        evaluate: dict,
        image_index: Input[Dataset],
        visual_model: Input[Model],
        continued_visual_model: Input[Model],
        features: Input[Dataset],
        compared: Input[Model],
        checkpoints_uri: str,
    ) -> list[Dataset]:
        with dsl.ParallelFor(parts, name="parts") as one:
            ranked = task(
                rank_images, "Rank images",
                part=one.part, parts=one.parts, settings=evaluate, image_index=image_index,
                visual_model=visual_model, continued_visual_model=continued_visual_model,
                features=features, compared=compared, checkpoints_uri=checkpoints_uri,
            )  # fmt: skip
        collected: list[Dataset] = dsl.Collected(ranked.outputs["answers"])
        return collected

    def devise(**fields: Any) -> None:
        checkpoints = {"checkpoints_uri": fields["checkpoints_uri"]}
        opened = task(
            open_run, "Open run", gpus=gpus, visual_task_gpus=visual_gpus, **fields
        ).outputs  # fmt: skip
        taxonomy = task(prepare_taxonomy, "Prepare taxonomy", settings=opened["taxonomy"]).output
        if until != VISUAL:
            words = word_vectors(
                corpora=opened["corpora"], corpus=opened["corpus"], skipgram=opened["skipgram"],
                taxonomy=taxonomy, **checkpoints,
            ).set_display_name("Word vectors").output  # fmt: skip
        if until == SKIPGRAM:
            return
        index = images_of(
            parts=opened["image_parts"], packing=opened["packing"], images=opened["images"],
            taxonomy=taxonomy, **checkpoints,
        ).set_display_name("Images").output  # fmt: skip
        images = {"image_index": index}
        visual = visual_task(
            "Pretrain visual model", opened["visual_gpus"],
            settings=opened["visual"], **images, **checkpoints,
        )  # fmt: skip
        if until == VISUAL:
            return
        features = task(
            embed_images, "Embed images",
            settings=opened["embed"], visual_model=visual, **images, **checkpoints,
        ).output  # fmt: skip
        models = embeddings(
            models=opened["models"], taxonomy=taxonomy, words=words, visual_model=visual,
            features=features, **images, **checkpoints,
        ).set_display_name("Embeddings").output  # fmt: skip
        if until == DEVISE:
            return
        continued = visual_task(
            "Train the softmax on", opened["visual_gpus"],
            settings=opened["continued_visual"], start=visual, **images, **checkpoints,
        )  # fmt: skip
        networks = {**images, "visual_model": visual, "continued_visual_model": continued}
        compared = task(
            fit_baselines, "Fit baselines",
            settings=opened["baselines"], taxonomy=taxonomy, word_vectors=words,
            features=features, models=models, **networks,
        ).output  # fmt: skip
        answers = answers_of(
            parts=opened["evaluate_parts"], evaluate=opened["evaluate"], features=features,
            compared=compared, **networks, **checkpoints,
        ).set_display_name("Answers").output  # fmt: skip
        evaluation = task(
            evaluate, "Evaluate",
            settings=opened["evaluate"], taxonomy=taxonomy, compared=compared, answers=answers,
            **images,
        ).outputs["evaluation"]  # fmt: skip
        report = task(
            draw_report, "Draw report",
            settings=opened["report"], taxonomy=taxonomy, models=models, evaluation=evaluation,
            **networks,
        ).outputs["report"]  # fmt: skip
        task(
            register_model, "Register model",
            settings=opened["register"], taxonomy=taxonomy, models=models,
            evaluation=evaluation, report=report, **images,
        )  # fmt: skip

    return dsl.pipeline(name="devise", display_name="DeViSE")(as_form(devise, defaults))
