"""Runs on the cluster that the environment names, each made once, that many tests look at."""

import os
import shutil
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.commands import SMALL, Run, finished, settings
from support.killing import Survivor, Victim, kill_each_stage_once
from support.real_cluster import ClusterRun, RealCluster, missing

from components.shared.kube.api import reach
from components.shared.storage import store
from pipeline.cluster import schedules
from pipeline.cluster.connection import Kubeflow, connect
from pipeline.cluster.local_data import WRITTEN

ARTICLE = "The kingfisher is a bird. A kingfisher eats fish, and a shark eats fish too.\n" * 40
IN_THE_MIDDLE = {
    "train-skipgram": ": started",
    "pretrain-visual": "epoch 3 of",
    "pretrain-visual-2": "epoch 1 of",
    "train-devise": "epoch 3 of",
    "fit-baselines": ": started",
    "rank-images": ": started",
    "evaluate": ": started",
    "register-model": ": started",
}
"""What a task has said when it is in the middle of its work."""
PARTS = ["--set", "images_parts=3", "--set", "evaluate_parts=3"]
"""Images are packed and ranked there in three tasks side by side, here in one."""


@pytest.fixture(scope="session")
def cluster(project: Path) -> RealCluster:
    """The cluster; skips where the environment names none."""
    if reason := missing():
        pytest.skip(reason)
    return RealCluster(project, dict(os.environ), f"{datetime.now(UTC):%Y%m%d-%H%M%S}")


@pytest.fixture(scope="session")
def world(cluster: RealCluster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The quickstart's data, on this machine."""
    folder = tmp_path_factory.mktemp("data") / "quickstart"
    cluster.command("data", "quickstart", "--output", str(folder))
    return folder


@pytest.fixture(scope="session")
def on_this_machine(
    cluster: RealCluster, world: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """The quickstart, run here."""
    output = tmp_path_factory.mktemp("here") / "run"
    text = cluster.command(
        *("run", "--preset", "quickstart", "--output", str(output)), *settings(str(world)),
        *("--set", f"mlflow_experiment={cluster.name}-here"),
        *("--set", f"register_model_name={cluster.name}-here"),
    )  # fmt: skip
    return finished(output, text)


@pytest.fixture(scope="session")
def uploaded(cluster: RealCluster, world: Path) -> list[str]:
    """Options of submit that upload the data and run on them."""
    return [*settings(str(world)), *PARTS, "--upload-data", cluster.data]


@pytest.fixture(scope="session")
def quickstart(cluster: RealCluster, uploaded: list[str], on_this_machine: Run) -> ClusterRun:
    """The quickstart, run there."""
    return cluster.over(cluster.started(*uploaded))


@pytest.fixture(scope="session")
def terminated(cluster: RealCluster, uploaded: list[str], quickstart: ClusterRun) -> ClusterRun:
    """A run that is terminated at work."""
    run_id = cluster.started(*uploaded, "--no-cache")
    victim = Victim(reach(), cluster.namespace, run_id)
    while "prepare-images" not in {attempt.task for attempt in victim.working()}:
        time.sleep(1)
    connected(cluster).client.terminate_run(run_id)
    return cluster.over(run_id, ends_with=1)


@pytest.fixture(scope="session")
def again(cluster: RealCluster, uploaded: list[str], terminated: ClusterRun) -> ClusterRun:
    """The quickstart once more, with nothing changed."""
    return cluster.over(cluster.started(*uploaded))


@pytest.fixture(scope="session")
def with_new_text(
    cluster: RealCluster, uploaded: list[str], world: Path, again: ClusterRun
) -> ClusterRun:
    """The quickstart once more, with an article more behind the same addresses."""
    (world / "text" / "notes_02.txt").write_text(ARTICLE)
    return cluster.over(cluster.started(*uploaded))


def first_run_of(cluster: RealCluster, schedule: str) -> str:
    """The id of the first run that a schedule starts."""
    kubeflow = connected(cluster)
    (found,) = schedules.get(kubeflow, schedule)
    while not (run := schedules.last_runs(kubeflow, [found]).get(found.recurring_run_id)):
        time.sleep(5)
    return str(run.run_id)


def connected(cluster: RealCluster) -> Kubeflow:
    return connect(cluster.environment["KF_PIPELINES_ENDPOINT"], cluster.namespace)


def written(root: str) -> list[str]:
    """Arguments that say where a run writes, as --upload-data chooses it."""
    places = {name: f"{root}/{folder}" for name, folder in WRITTEN.items()}
    return [part for name, place in places.items() for part in ("--set", f"{name}={place}")]


@pytest.fixture(scope="session")
def scheduled(cluster: RealCluster, world: Path, with_new_text: ClusterRun) -> ClusterRun:
    """A schedule's first run, a short one, with a new image behind the addresses."""
    image = next((world / "images" / "train").glob("*/*"))
    store.upload(image, f"{cluster.data}/images/train/{image.parent.name}/new{image.suffix}")
    name, place = cluster.name, ["--namespace", cluster.namespace]
    given = [*settings(cluster.data), *written(cluster.data), *SMALL]
    cron = ["--cron", "0 * * * * *", "--name", name]
    cluster.command("schedule", *cluster.compiled_for, *cron, *place, *given)
    run_id = first_run_of(cluster, name)
    cluster.command("schedules", "pause", name, *place)
    run = cluster.over(run_id)
    cluster.command("schedules", "remove", name, *place)
    return run


@pytest.fixture(scope="session")
def survivor(
    cluster: RealCluster, quickstart: ClusterRun, tmp_path_factory: pytest.TempPathFactory
) -> Survivor:
    """The quickstart on a copy of its data, which no cache knows, with each stage killed once."""
    world = tmp_path_factory.mktemp("copy") / "quickstart"
    cluster.command("data", "quickstart", "--output", str(world))
    place = f"{cluster.data}/copy"
    run_id = cluster.started(*settings(str(world)), *PARTS, "--upload-data", place)
    victim = Victim(reach(), cluster.namespace, run_id)
    killed = kill_each_stage_once(victim, IN_THE_MIDDLE, out_of_memory={"pretrain-visual-2"})
    shutil.rmtree(world)
    repeated = {task for task, attempt in killed.items() if victim.has_another(attempt)}
    return Survivor(cluster.over(run_id), killed, repeated)
