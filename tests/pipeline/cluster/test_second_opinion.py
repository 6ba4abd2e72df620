from pathlib import Path
from typing import Any

import pytest
from support.kubeflow import Server

from components.shared.kube.api import Cluster
from components.shared.settings.table import defaults
from components.shared.storage import store
from pipeline.cluster.asked import Task
from pipeline.cluster.second_opinion import (
    Opinion,
    of_addresses,
    of_room,
    of_uploads,
    outgrown,
    over_quota,
)

GPU = "nvidia.com/gpu"
SMALL = Task("open-run", "i", {"cpu": "500m", "memory": "1Gi"}, ())
LARGE = Task("evaluate", "i", {"cpu": "8", "memory": "64Gi", GPU: "1"}, ())
QUOTA = {
    "metadata": {"name": "team"},
    "spec": {},
    "status": {
        "hard": {"requests.cpu": "10", "requests.memory": "100Gi", f"requests.{GPU}": "1"},
        "used": {"requests.cpu": "3500m", "requests.memory": "1Gi"},
    },
}
PLACE = "GET /api/v1/namespaces/vision"


def node(**allocatable: str) -> Any:
    named = {name.replace("gpu", GPU): amount for name, amount in allocatable.items()}
    return {"status": {"allocatable": named}}


def test_a_task_that_fits_on_no_node_is_told() -> None:
    nodes = [node(cpu="16", memory="32Gi", gpu="1"), node(cpu="64", memory="256Gi")]
    assert outgrown([SMALL, LARGE], nodes) == [
        f"evaluate asks for 8 cpu, 64Gi memory, 1 {GPU}, which none of 2 nodes has."
    ]
    assert outgrown([SMALL, LARGE], [node(cpu="8", memory="64Gi", gpu="8")]) == []


def test_a_task_that_a_quota_has_no_room_for_is_told() -> None:
    assert over_quota([SMALL, LARGE], [QUOTA]) == [
        "evaluate asks for 8 cpu, and quota team has 6.5 left."
    ]


def test_a_quota_without_a_limit_range_refuses_argos_own_containers(
    server: Server, cluster: Cluster
) -> None:
    server.answers |= {
        f"{PLACE}/resourcequotas": {"items": [QUOTA]},
        f"{PLACE}/limitranges": {"items": []},
        "GET /api/v1/nodes": {"items": [node(cpu="4", memory="8Gi")]},
    }
    opinion = of_room([SMALL], "vision", lambda: cluster)
    (problem,) = opinion.problems
    assert "has a quota and no LimitRange" in problem
    assert "Nodes: 1; each task fits on one that is empty." in opinion.notes
    server.answers[f"{PLACE}/limitranges"] = {"items": [{}]}
    assert of_room([SMALL], "vision", lambda: cluster).problems == ()


def test_what_may_not_be_read_is_said_and_no_problem(server: Server, cluster: Cluster) -> None:
    server.answers |= {f"{PLACE}/resourcequotas": {"items": []}, "GET /api/v1/nodes": (403, {})}
    opinion = of_room([LARGE], "vision", lambda: cluster)
    assert opinion.problems == ()
    assert opinion.notes[0] == "Quotas of vision: none."
    assert opinion.notes[1].startswith("Nodes cannot be looked at: the cluster says 403")


def test_without_credentials_no_address_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    opinion = of_addresses({**defaults(), "images_uri": "s3://b/i"})
    assert opinion.problems == ()
    assert "AWS_ACCESS_KEY_ID" in opinion.notes[0]


def test_addresses_are_looked_at(s3: str, tmp_path: Any) -> None:
    (tmp_path / "words.txt").write_text("n1\ta\n")
    store.upload(tmp_path / "words.txt", f"{s3}/taxonomy/words.txt")
    given = {
        **defaults(),
        "taxonomy_uri": f"{s3}/taxonomy",
        "images_uri": f"{s3}/none",
        "checkpoints_uri": f"{s3}/checkpoints",
        "images_store_uri": "s3://no-such-bucket/packed",
    }
    opinion = of_addresses(given)
    assert f"taxonomy_uri: {s3}/taxonomy is there." in opinion.notes
    assert "checkpoints_uri: bucket devise answers." in opinion.notes
    assert [problem.split(":")[0] for problem in opinion.problems] == [
        "images_uri", "images_store_uri",
    ]  # fmt: skip


def test_what_is_only_uploaded_before_the_run_need_not_be_there(s3: str) -> None:
    given = {**defaults(), "images_uri": f"{s3}/images"}
    assert of_addresses(given, to_come=s3) == Opinion(("images_uri: bucket devise answers.",))


def test_what_is_uploaded_before_the_run_must_be_on_this_machine(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("n1\ta\n")
    given = {
        **defaults(),
        "taxonomy_uri": str(tmp_path),
        "images_uri": str(tmp_path / "none"),
        "corpus_uris": ["s3://b/text"],
    }
    opinion = of_uploads(given)
    assert opinion.notes == (f"taxonomy_uri: {tmp_path} is there.",)
    (problem,) = opinion.problems
    assert problem.startswith(f"images_uri: '{tmp_path / 'none'}' names no file")


def test_a_store_that_is_silent_is_a_problem(s3: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    opinion = of_addresses({**defaults(), "images_uri": f"{s3}/images"})
    (problem,) = opinion.problems
    assert problem.startswith(f"images_uri: '{s3}/images': the object store at http://127.0.0.1:1")
    assert "gives no answer" in problem
