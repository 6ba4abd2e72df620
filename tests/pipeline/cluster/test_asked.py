import pytest

from pipeline.cluster.asked import Task, table, tasks_of
from pipeline.cluster.compilation import write_pipeline
from pipeline.cluster.resources import Cluster
from pipeline.form import default_values

GPU = "nvidia.com/gpu"


@pytest.fixture(scope="module")
def tasks(tmp_path_factory: pytest.TempPathFactory) -> list[Task]:
    file = tmp_path_factory.mktemp("asked") / "pipeline.yaml"
    write_pipeline(default_values("paper"), Cluster(registry="r.example/team", tag="1.0"), file)
    return tasks_of(file)


def test_every_task_is_there_those_in_loops_too(tasks: list[Task]) -> None:
    names = {task.name for task in tasks}
    assert {"open-run", "prepare-corpus", "train-devise", "pretrain-visual-2"} <= names
    assert not names & {"word-vectors", "embeddings", "for-loop-1"}


def test_a_task_has_its_image_what_it_asks_for_and_its_volumes(tasks: list[Task]) -> None:
    (trained,) = [task for task in tasks if task.name == "train-devise"]
    assert trained.image == "r.example/team/devise-train-devise:1.0"
    assert set(trained.requests) == {"cpu", "memory", GPU}
    assert any(volume.startswith("/dev/shm ") for volume in trained.volumes)


def test_the_table_has_a_line_a_task() -> None:
    small = Task("open-run", "i:1", {"cpu": "1", "memory": "4Gi"}, ())
    large = Task("evaluate", "image:1", {"cpu": "8", "memory": "64Gi", GPU: "1"}, ("/dev/shm",))
    assert table([small, large]) == (
        "task      cpu  memory  gpu  image    volumes\n"
        "open-run  1    4Gi     -    i:1\n"
        "evaluate  8    64Gi    1    image:1  /dev/shm"
    )
