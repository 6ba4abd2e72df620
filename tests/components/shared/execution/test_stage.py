from kfp.dsl import Dataset, Output

from components.shared.execution.stage import image_repository, stage


@stage
def count_images(folder: str, counts: Output[Dataset]) -> None:
    """Count the images of a folder."""
    print(folder, counts)


def container() -> dict[str, object]:
    """Of the task as a cluster is told to run it."""
    executors = count_images.pipeline_spec.deployment_spec["executors"]
    return dict(executors["exec-count-images"]["container"])


def test_a_stage_has_an_image_named_after_it() -> None:
    assert image_repository("train_skipgram") == "devise-train-skipgram"
    assert container()["image"] == "devise-count-images:latest"


def test_nothing_is_installed_when_a_stage_starts() -> None:
    assert "pip" not in str(container()["command"])


def test_a_stage_is_a_component_with_the_functions_inputs_and_outputs() -> None:
    spec = count_images.component_spec
    assert {name: wanted.type for name, wanted in spec.inputs.items()} == {"folder": "String"}
    assert {name: made.type for name, made in spec.outputs.items()} == {
        "counts": "system.Dataset@0.0.1"
    }
    assert count_images.python_func.__name__ == "count_images"
    assert "Count the images of a folder." in str(count_images.description)


def test_the_source_of_the_function_is_what_runs() -> None:
    assert "def count_images(folder: str" in str(container()["command"])
