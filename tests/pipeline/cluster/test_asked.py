from pathlib import Path

import pytest
from support.kubeflow import Server

from components.shared.kube.api import Cluster as Kube
from components.shared.settings.presets import values_of
from pipeline.cluster.asked import Task, table, tasks_of
from pipeline.cluster.compilation import write_pipeline
from pipeline.cluster.resources import Cluster
from pipeline.cluster.second_opinion import of_room
from pipeline.cluster.sizes import SIZES, with_gpus
from pipeline.form import default_values

GPU = "nvidia.com/gpu"


VALUES = values_of("paper", [])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("asked") / "pipeline.yaml"
    resources = with_gpus(SIZES["paper"], 4)
    cluster = Cluster(registry="r.example/team", tag="1.0", resources=resources)
    write_pipeline(default_values("paper"), cluster, file)
    return file


@pytest.fixture
def tasks(file: Path) -> list[Task]:
    return tasks_of(file, VALUES)


def gpus(tasks: list[Task]) -> dict[str, str]:
    return {task.name: task.requests[GPU] for task in tasks if GPU in task.requests}


def test_every_task_is_there_those_in_loops_too(tasks: list[Task]) -> None:
    names = {task.name for task in tasks}
    assert {"open-run", "prepare-corpus", "train-devise", "pretrain-visual-2"} <= names
    assert not names & {"word-vectors", "embeddings", "for-loop-1"}


def test_a_task_has_its_image_what_it_asks_for_and_its_volumes(tasks: list[Task]) -> None:
    (trained,) = [task for task in tasks if task.name == "train-devise"]
    assert trained.image == "r.example/team/devise-train-devise:1.0"
    assert trained.requests == {"cpu": "12", "memory": "64Gi", GPU: "4"}
    assert any(volume.startswith("/dev/shm ") for volume in trained.volumes)


def test_a_task_asks_for_the_gpus_that_open_run_will_say(file: Path, tasks: list[Task]) -> None:
    trainings = {"pretrain-visual", "pretrain-visual-2", "train-devise"}
    assert gpus(tasks) == dict.fromkeys({*trainings, "embed-images", "rank-images"}, "4")
    on_nodes = tasks_of(file, {**VALUES, "visual_nodes": 2, "devise_nodes": 2})
    assert gpus(on_nodes).keys() == {"embed-images", "rank-images"}
    projection = {**VALUES, "devise_phase_2_epochs": 0, "devise_variants": []}
    assert gpus(tasks).keys() - gpus(tasks_of(file, projection)).keys() == {"train-devise"}
    further = {**projection, "devise_variants": ["devise_more: devise_phase_2_epochs=1"]}
    assert gpus(tasks_of(file, further)) == gpus(tasks)


def test_there_is_an_opinion_of_room_for_tasks_with_gpus(
    server: Server, cluster: Kube, tasks: list[Task]
) -> None:
    sizes = {"cpu": "16", "memory": "128Gi", GPU: "2"}
    server.answers |= {
        "GET /api/v1/namespaces/vision/resourcequotas": {"items": []},
        "GET /api/v1/nodes": {"items": [{"status": {"allocatable": sizes}}]},
    }
    problems = of_room(tasks, "vision", lambda: cluster).problems
    assert [problem.split()[0] for problem in problems] == sorted(gpus(tasks))
    assert "pretrain-visual asks for 12 cpu, 64Gi memory, 4 nvidia.com/gpu" in problems[1]


def test_the_table_has_a_line_a_task() -> None:
    small = Task("open-run", "i:1", {"cpu": "1", "memory": "4Gi"}, ())
    large = Task("evaluate", "image:1", {"cpu": "8", "memory": "64Gi", GPU: "1"}, ("/dev/shm",))
    assert table([small, large]) == (
        "task      cpu  memory  gpu  image    volumes\n"
        "open-run  1    4Gi     -    i:1\n"
        "evaluate  8    64Gi    1    image:1  /dev/shm"
    )
