"""Requests to Kubeflow Pipelines, against a real HTTP server that keeps what it is sent."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from pipeline.cluster import client as kubeflow
from pipeline.cluster.compilation import write_pipeline
from pipeline.cluster.resources import Cluster
from pipeline.form import default_values


class Backend(BaseHTTPRequestHandler):
    """As much of the v2beta1 API as uploads, runs and schedules need."""

    requests: list[tuple[str, str, Any]]
    schedules: list[dict[str, Any]]
    address: str

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def answer(self, body: Any) -> None:
        payload = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def body(self) -> Any:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        is_json = "json" in (self.headers.get("Content-Type") or "")
        return json.loads(raw) if is_json and raw else raw

    def do_GET(self) -> None:
        type(self).requests.append(("GET", self.path, None))
        path = self.path.split("?")[0]
        if path.endswith("/pipelines"):
            self.answer({"pipelines": [{"pipeline_id": "p1", "display_name": "devise"}]})
        elif path.endswith("/recurringruns"):
            self.answer({"recurringRuns": type(self).schedules})
        elif "/experiments" in path:
            self.answer({"experiments": [{"experiment_id": "e1", "display_name": "devise"}]})
        else:
            self.answer({"multi_user": False})

    def do_POST(self) -> None:
        body = self.body()
        type(self).requests.append(("POST", self.path, body))
        path = self.path.split("?")[0]
        if path.endswith("upload_version"):
            self.answer({"pipeline_id": "p1", "pipeline_version_id": "v2"})
        elif path.endswith("/runs"):
            self.answer({"run_id": "r1"})
        elif path.endswith("/recurringruns"):
            self.answer({"recurring_run_id": "s2", "display_name": "devise"})
        else:
            self.answer({"experiment_id": "e1", "display_name": "devise"})

    def do_DELETE(self) -> None:
        type(self).requests.append(("DELETE", self.path, None))
        self.answer({})


@pytest.fixture
def backend() -> Iterator[type[Backend]]:
    Backend.requests, Backend.schedules = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    Backend.address = f"http://127.0.0.1:{server.server_port}"
    yield Backend
    server.shutdown()
    server.server_close()


@pytest.fixture
def pipeline_file(tmp_path: Path) -> Path:
    write_pipeline(default_values("paper"), Cluster(), tmp_path / "pipeline.yaml")
    return tmp_path / "pipeline.yaml"


def sent(backend: type[Backend], method: str, ending: str) -> list[Any]:
    found = [r for r in backend.requests if r[0] == method and r[1].split("?")[0].endswith(ending)]
    return [body for _, _, body in found]


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_submit_uploads_a_version_and_runs_it_with_the_parameters(
    backend: type[Backend], pipeline_file: Path
) -> None:
    client = kubeflow.connect(backend.address, "vision")
    run_id = kubeflow.submit(client, pipeline_file, {"devise_margin": 0.2}, "devise", "night run")
    assert run_id == "r1"
    (run,) = sent(backend, "POST", "/runs")
    assert run["runtime_config"]["parameters"] == {"devise_margin": 0.2}
    assert run["pipeline_version_reference"]["pipeline_version_id"] == "v2"
    assert run["display_name"] == "night run"


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_schedule_follows_the_latest_version_and_replaces_the_one_before(
    backend: type[Backend], pipeline_file: Path
) -> None:
    backend.schedules = [{"recurring_run_id": "s1", "display_name": "devise"}]
    client = kubeflow.connect(backend.address, "vision")
    found = kubeflow.schedule(client, pipeline_file, {"seed": 3}, "devise", "0 0 3 * * 0")
    assert found == "s2"
    (body,) = sent(backend, "POST", "/recurringruns")
    assert body["pipeline_version_reference"] == {"pipeline_id": "p1"}
    assert body["trigger"]["cron_schedule"]["cron"] == "0 0 3 * * 0"
    assert body["max_concurrency"] == "1"
    assert body["no_catchup"] is True
    assert len(sent(backend, "DELETE", "/recurringruns/s1")) == 1


def test_a_cron_expression_of_five_fields_is_refused() -> None:
    with pytest.raises(ValueError, match="has 5 fields: Kubeflow takes six"):
        kubeflow.check_cron("0 3 * * 0")
