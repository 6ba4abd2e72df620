from types import SimpleNamespace

from kfp.local import graph_utils

from pipeline.local.order import inputs_first, stack

GRAPH = {
    "embeddings": ["images", "visual", "words"],
    "images": ["open", "taxonomy"],
    "open": [],
    "taxonomy": ["open"],
    "visual": ["images", "outside"],
    "words": ["taxonomy"],
}


def test_every_input_is_read_before_anything_is_trained_on() -> None:
    tasks = {name: SimpleNamespace(dependent_tasks=before) for name, before in GRAPH.items()}
    order = ["open", "taxonomy", "images", "words", "visual", "embeddings"]
    assert stack(tasks)[::-1] == order


def test_kfps_function_is_replaced_and_put_back() -> None:
    original = graph_utils.topological_sort_tasks
    with inputs_first():
        assert graph_utils.topological_sort_tasks is stack
    assert graph_utils.topological_sort_tasks is original
