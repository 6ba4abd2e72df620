"""A Kubernetes with Kubeflow Trainer, as far as a stage speaks to it: a real HTTP server.

The stage's own pod, its nodes' and what is said of them are those of a real cluster, with Trainer
2.3.0 and JobSet 0.12.0; a TrainJob's nodes are processes of this machine, with the very environment
that Trainer gives its pods, or functions of a test.
"""

import json
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from support.kubeflow import send

from components.shared.nodes import node
from components.shared.processes import launching

ANSWERS = Path(__file__).parents[1] / "components" / "shared" / "nodes" / "answers"
NAMESPACE, POD = "vision", "devise-retry-system-container-impl-35"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
EVENTS = f"/api/v1/namespaces/{NAMESPACE}/events"
JOBS = f"/apis/trainer.kubeflow.org/v1alpha1/namespaces/{NAMESPACE}/trainjobs"

Nodes = Callable[["Trainer", dict[str, Any]], None]
"""What the nodes of a job do once it is made."""


def recorded(name: str) -> Any:
    """What a real cluster answered."""
    return json.loads((ANSWERS / f"{name}.json").read_text())


def own_pod() -> dict[str, Any]:
    """The pod of a stage, of no code in particular: that is another in every test."""
    pod: dict[str, Any] = recorded("pod")
    main = pod["spec"]["containers"][0]
    main["env"] = [one for one in main["env"] if one["name"] != "DEVISE_CODE_VERSION"]
    return pod


class Trainer(ThreadingHTTPServer):
    """What is in the cluster.

    Attributes:
        jobs: The TrainJobs by name.
        made: Every TrainJob that was ever made.
        removed: Names of those that were removed.
        pods: Status of each node's pod.
        logs: Lines of the first node's.
        last_words: Lines of the container that was in a node's pod before.
        events: What the cluster warns of; None: that may not be read.
        endings: How the name of a node's pod ends, where another is in its place.
        leaving: At so many looks the pods of a job that is gone are still there.
        looks: What happens after each look at the pods, one thing a look.
        refuses: What it answers to whoever makes a TrainJob, in place of making it.
        connections: Those that whoever asks has not ended.
        secrets: What the cluster's secrets hold.
    """

    daemon_threads = True

    def __init__(self, nodes: Nodes, secrets: dict[str, str]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.nodes, self.secrets = nodes, secrets
        self.jobs: dict[str, dict[str, Any]] = {}
        self.made: list[dict[str, Any]] = []
        self.removed: list[str] = []
        self.pods: dict[int, dict[str, Any]] = {}
        self.logs: list[str] = []
        self.last_words: list[str] = []
        self.events: list[dict[str, Any]] | None = []
        self.endings: dict[int, str] = {}
        self.leaving = 0
        self.looks: list[Callable[[], object]] = []
        self.refuses: tuple[int, dict[str, Any]] | None = None
        self.connections: list[Handler] = []
        self.processes: list[BaseProcess] = []
        self.threads: list[threading.Thread] = []

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def say(self, line: str) -> None:
        """Have the first node say a line."""
        self.logs.append(f"{datetime.now(UTC).isoformat(timespec='microseconds')} {line}")

    def make(self, job: dict[str, Any]) -> None:
        """Make a TrainJob, and let its nodes begin."""
        self.jobs[job["metadata"]["name"]] = job
        self.made.append(job)
        self.pods = {node: running() for node in range(job["spec"]["trainer"]["numNodes"])}
        self.nodes(self, job)

    def remove(self, name: str) -> None:
        """Remove a TrainJob with its nodes."""
        del self.jobs[name]
        self.removed.append(name)
        self.end_nodes()

    def end_nodes(self) -> None:
        """End the processes that are nodes."""
        for process in self.processes:
            process.kill()
            # With a pod all end that its program has begun.
            with suppress(ProcessLookupError):
                os.killpg(cast(int, process.pid), signal.SIGKILL)
        for thread in self.threads:
            thread.join()
        self.processes, self.threads = [], []

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """What it answers."""
        parts = urlsplit(path)
        if parts.path == f"{PODS}/{POD}":
            return 200, own_pod()
        if parts.path == PODS:
            return 200, {"items": self._pods(parse_qs(parts.query)["labelSelector"][0])}
        if parts.path.startswith(PODS):
            return 200, "".join(f"{line}\n" for line in self._log(parse_qs(parts.query)))
        if parts.path == EVENTS:
            return self._events(parse_qs(parts.query)["fieldSelector"][0])
        if (method, parts.path) == ("POST", JOBS):
            if not self.refuses:
                self.make(body)
            return self.refuses or (201, body)
        name = parts.path.removeprefix(f"{JOBS}/")
        if name not in self.jobs:
            return 404, {"kind": "Status", "code": 404, "message": f"{name} not found"}
        found = self.jobs[name]
        if method == "DELETE":
            self.remove(name)
        return 200, found

    def _pods(self, selector: str) -> list[dict[str, Any]]:
        name = selector.removeprefix("jobset.sigs.k8s.io/jobset-name=")
        is_leaving = name not in self.jobs and self.leaving > 0
        self.leaving -= is_leaving
        pods = self.pods if name in self.jobs or is_leaving else {}
        found = [
            _pod(f"{name}-node-0-{node}-{self.endings.get(node, 'abcde')}", node, status)
            for node, status in pods.items()
        ]
        if self.looks:
            self.looks.pop(0)()
        return found

    def _log(self, query: dict[str, list[str]]) -> list[str]:
        lines = self.last_words if "previous" in query else self.logs
        if "timestamps" not in query:
            lines = [line.split(" ", 1)[1] for line in lines]
        return lines[-int(query["tailLines"][0]) :] if "tailLines" in query else lines

    def _events(self, selector: str) -> tuple[int, Any]:
        if self.events is None:
            return 403, {"kind": "Status", "code": 403, "message": "events is forbidden"}
        kind, name = (part.split("=")[1] for part in selector.split(","))
        found = [
            one
            for one in self.events
            if (one["type"], one["involvedObject"]["name"]) == (kind, name)
        ]
        return 200, {"items": found}


def _pod(name: str, node: int, status: dict[str, Any]) -> dict[str, Any]:
    pod: dict[str, Any] = recorded("nodes")["running"]
    pod["metadata"]["name"] = name
    pod["metadata"]["labels"]["batch.kubernetes.io/job-completion-index"] = str(node)
    return pod | {"status": status}


class Handler(BaseHTTPRequestHandler):
    """Hands on what is asked; keeps a connection for the next question, as a Kubernetes does."""

    server: Trainer
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        """Note a connection that begins."""
        super().setup()
        self.server.connections.append(self)

    def finish(self) -> None:
        """Note that it has ended."""
        super().finish()
        self.server.connections.remove(self)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent."""

    def _do(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        send(self, *self.server.answer(self.command, self.path, body))

    do_GET = do_POST = do_DELETE = _do


def running() -> dict[str, Any]:
    """The status of a node's pod that works."""
    return _status("running")


def died(reason: str, code: int) -> dict[str, Any]:
    """The status of a node's pod whose container has ended, and begins again."""
    status = _status("died")
    status["containerStatuses"][0]["lastState"]["terminated"] |= {
        "reason": reason, "exitCode": code
    }  # fmt: skip
    return status


def cannot_start() -> dict[str, Any]:
    """The status of a node's pod whose image has not the program that it is to start."""
    return _status("cannot start")


def _status(name: str) -> dict[str, Any]:
    status: dict[str, Any] = recorded("nodes")[name]["status"]
    return status


def as_processes(port: int) -> Nodes:
    """Nodes that are processes of this machine and meet at a port of it."""

    def start(trainer: Trainer, job: dict[str, Any]) -> None:
        asked = job["spec"]["trainer"]
        assert asked["command"][:3] == ["python", "-m", node.__name__]
        # Forks of one process that has imported what nodes do; Pythons of their own take as long
        # to import it as everything else.
        context = multiprocessing.get_context("forkserver")
        multiprocessing.set_forkserver_preload([node.__name__, asked["command"][3]])
        for number in range(asked["numNodes"]):
            said, says = context.Pipe(duplex=False)
            environment = _environment(trainer, job, number, port)
            process = context.Process(target=_be, args=(asked["command"][3:], environment, says))
            process.start()
            says.close()
            trainer.processes.append(process)
            thread = threading.Thread(target=_watch, args=(trainer, number, process, said))
            thread.start()
            trainer.threads.append(thread)

    return start


def _be(arguments: list[str], environment: dict[str, str], says: Connection) -> None:
    """Be a node, as `python -m` starts it."""
    os.setsid()
    os.environ.update(environment)
    os.dup2(says.fileno(), 1)
    says.close()
    # What this process has imported is not imported again.
    launching.METHOD = "fork"
    node.main(arguments)


def _environment(trainer: Trainer, job: dict[str, Any], number: int, port: int) -> dict[str, str]:
    """What Trainer gives a node's pod; a pod has an interface of its own, here all share one."""
    asked = job["spec"]["trainer"]
    own = {one["name"]: one.get("value", "") for one in asked["env"] if "valueFrom" not in one}
    secret = {
        one["name"]: trainer.secrets[one["valueFrom"]["secretKeyRef"]["key"]]
        for one in asked["env"]
        if one.get("valueFrom", {}).get("secretKeyRef", {}).get("key") in trainer.secrets
    }
    return {
        **own,
        **secret,
        "AWS_ENDPOINT_URL": os.environ["AWS_ENDPOINT_URL"],
        "PET_NNODES": str(asked["numNodes"]),
        "PET_NPROC_PER_NODE": str(asked["numProcPerNode"]),
        "PET_NODE_RANK": str(number),
        "PET_MASTER_ADDR": "127.0.0.1",
        "PET_MASTER_PORT": str(port),
        "GLOO_SOCKET_IFNAME": "lo",
    }


def _watch(trainer: Trainer, number: int, process: BaseProcess, said: Connection) -> None:
    """Pass on what a node says, and how it ends."""
    with said, os.fdopen(os.dup(said.fileno()), encoding="utf-8") as lines:
        for line in lines:
            if number == 0:
                trainer.say(line.rstrip("\n"))
    process.join()
    code = process.exitcode or 0
    if code:
        reason = "OOMKilled" if code == -signal.SIGKILL else "Error"
        trainer.pods[number] = died(reason, code if code > 0 else 128 - code)


@contextmanager
def trainer_at_work(nodes: Nodes, secrets: dict[str, str] | None = None) -> Iterator[Trainer]:
    """Such a cluster while the block lasts."""
    server = Trainer(nodes, secrets or {})
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield server
    finally:
        server.end_nodes()
        server.shutdown()
        server.server_close()
