import pytest
from kfp import dsl
from support.compiled import tasks

from components.shared.execution.code_version import code_version
from pipeline.cluster.compilation import described
from pipeline.cluster.sizes import STAGES
from pipeline.dag import build, task_count
from pipeline.form import default_values


class Built:
    """The pipeline, as the SDK describes it, and the tasks that were handed out for it."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        pipeline = build(default_values("paper"), self.configure)
        self.description, _ = described(pipeline)
        self.tasks = tasks(self.description)

    def configure(self, task: dsl.PipelineTask, stage: str) -> None:
        self.stages.append(stage)
        task.set_env_variable("STAGE", stage)


@pytest.fixture(scope="module")
def built() -> Built:
    return Built()


def test_each_tasks_code_version_is_part_of_its_cache_key(built: Built) -> None:
    for name, task in built.tasks.items():
        if name != "open-run" and name.replace("-", "_").removesuffix("_2") in STAGES:
            assert "code_version" in task["inputs"]["parameters"]


def test_the_graph_is_the_documented_one(built: Built) -> None:
    found = built.tasks
    after = {name: set(task.get("dependentTasks", [])) for name, task in found.items()}
    assert after["prepare-taxonomy"] == {"open-run"}
    assert after["word-vectors"] == {"open-run", "prepare-taxonomy"}
    assert after["train-skipgram"] == {"for-loop-1"}
    assert after["images"] == {"open-run", "prepare-taxonomy"}
    assert after["prepare-images"] == {"for-loop-1"}
    assert after["pretrain-visual-2"] == {"open-run", "images", "pretrain-visual"}
    assert after["embed-images"] == {"open-run", "images", "pretrain-visual"}
    assert after["embeddings"] == {
        *("open-run", "images", "prepare-taxonomy", "pretrain-visual", "word-vectors"),
        "embed-images",
    }
    assert after["train-devise"] == {"map-synsets"}
    assert after["fit-baselines"] == {
        *("open-run", "images", "pretrain-visual", "pretrain-visual-2", "embed-images"),
        *("embeddings", "prepare-taxonomy", "word-vectors"),
    }
    of_baselines = {"embeddings", "prepare-taxonomy", "word-vectors"}
    assert after["answers"] == after["fit-baselines"] - of_baselines | {"fit-baselines"}
    assert after["evaluate"] == {
        *("open-run", "prepare-taxonomy", "images", "fit-baselines", "answers"),
    }
    assert {"embeddings", "evaluate", "draw-report"} <= after["register-model"]


def test_every_task_is_configured_as_its_stage(built: Built) -> None:
    assert sorted(built.stages) == sorted([*STAGES, "pretrain_visual"])
    executors = built.description["deploymentSpec"]["executors"]
    assert len(executors) == len(built.stages)
    for name, executor in executors.items():
        stage = name.removeprefix("exec-").removesuffix("-2").replace("-", "_")
        assert executor["container"]["env"] == [{"name": "STAGE", "value": stage}]


def test_a_tasks_code_version_is_that_of_its_stage(built: Built) -> None:
    given = built.tasks["train-devise"]["inputs"]["parameters"]["code_version"]
    assert given == {"runtimeValue": {"constant": code_version("train_devise")}}


def test_the_report_is_drawn_before_the_model_is_registered(built: Built) -> None:
    assert {"draw-report", "evaluate"} <= set(built.tasks["register-model"]["dependentTasks"])
    assert "evaluate" in built.tasks["draw-report"]["dependentTasks"]


def test_the_models_are_trained_one_after_the_other_and_the_texts_side_by_side(
    built: Built,
) -> None:
    at_once = {}
    for name in ("word-vectors", "embeddings", "answers"):
        inner = built.description["components"][f"comp-{name}"]["dag"]["tasks"]
        (loop,) = (task for task in inner.values() if "parameterIterator" in task)
        at_once[name] = loop.get("iteratorPolicy", {}).get("parallelismLimit")
    assert at_once == {"word-vectors": None, "embeddings": 1, "answers": None}


def test_an_items_fields_are_handed_over_as_texts(built: Built) -> None:
    parameters = built.tasks["prepare-corpus"]["inputs"]["parameters"]
    for name in ("uri", "state"):
        assert parameters[name]["parameterExpressionSelector"] == (
            f'parseJson(string_value)["{name}"]'
        )


def test_the_body_of_a_loop_is_handed_no_list_of_artifacts(built: Built) -> None:
    for name, component in built.description["components"].items():
        if name.startswith("comp-for-loop"):
            given = component["inputDefinitions"].get("artifacts", {}).values()
            assert not [one for one in given if one.get("isArtifactList")]


def test_every_task_has_a_name_for_people(built: Built) -> None:
    names = {task["taskInfo"]["name"] for task in built.tasks.values()}
    assert {"Open run", "Train skip-gram", "Train the softmax on", "Draw report"} <= names


@pytest.mark.parametrize(
    ("until", "stages"),
    [
        ("pretrain_visual", {"pack_images", "prepare_images", "pretrain_visual"}),
        ("train_skipgram", {"prepare_corpus", "train_skipgram"}),
        (
            "train_devise",
            set(STAGES)
            - {"open_run", "fit_baselines", "rank_images", "evaluate"}
            - {"draw_report", "register_model"},
        ),
    ],
)
def test_a_graph_that_ends_early_has_what_its_last_stage_needs(
    until: str, stages: set[str]
) -> None:
    pipeline = build(default_values("paper"), lambda task, stage: None, until=until)
    compiled, _ = described(pipeline)
    executors = compiled["deploymentSpec"]["executors"]
    found = [name.removeprefix("exec-").replace("-", "_") for name in executors]
    assert sorted(found) == sorted({"open_run", "prepare_taxonomy", *stages})
    one = {"devise_variants": [], "corpus_uris": ["text"], "images_parts": 1, "evaluate_parts": 1}
    twice = 2 if until == "train_devise" else 0
    assert task_count(one, until) == len(found) - 1 + twice
