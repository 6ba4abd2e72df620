"""Sends reports to MLflow beside a stage's work, which never waits for the server.

What the server has by half is sent again: a run is found by its report's mark, and MLflow keeps an
equal parameter, tag or measurement once.
"""

import threading
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from components.shared.execution import reports, tracking
from components.shared.execution.mlflow_client import impatient, reason
from components.shared.execution.progress import say
from components.shared.execution.run_folder import run_folder

FIRST_WAIT, LONGEST_WAIT = 5.0, 60.0
"""Seconds after which a server that is away is asked again."""
RUN_ID_SECONDS = 10.0
ON_DISK_SECONDS, IN_A_POD_SECONDS, REQUIRED_SECONDS = 5.0, 60.0, 60.0
"""How long the end of a stage waits for its report to be sent: there, or there, or registering."""


@dataclass
class Delivery:
    """How far a report has been sent.

    Attributes:
        path: The report.
        run_id: The stage's MLflow run; None: there is none yet.
        parent_id: The pipeline run's.
        sent: Lines that the server has.
        ended: Whether it has all.
        is_whole: Whether the run had all of the stage before, and only the parent is told.
    """

    path: Path
    run_id: str | None = None
    parent_id: str | None = None
    sent: int = 0
    ended: bool = False
    is_whole: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def go_on(self) -> None:
        """Send what the server does not have yet."""
        with self._lock:
            heading, lines = reports.read(self.path)
            if self.run_id is None:
                self._open(heading)
            assert self.run_id is not None
            assert self.parent_id is not None
            new = lines[self.sent :]
            if not self.is_whole:
                _send(self.run_id, [line["run"] for line in new if "run" in line])
            _send(self.parent_id, [line["parent"] for line in new if "parent" in line])
            for line in new:
                if "end" in line:
                    self._end(heading, line["end"])
            self.sent = len(lines)

    def _open(self, heading: reports.Heading) -> None:
        found = tracking.open_nested(heading)
        self.run_id, self.parent_id = found.run_id, found.parent_id
        self.is_whole = found.is_whole

    def _end(self, heading: reports.Heading, status: str) -> None:
        assert self.run_id is not None
        if not self.is_whole:
            tracking.client().set_terminated(self.run_id, status)
        if status != "FINISHED":
            tracking.close_parent(status, heading.pipeline_run)
        self.ended = True


def _send(run_id: str, said: Iterable[Mapping[str, Any]]) -> None:
    """Send what was said of one run, in as few requests as MLflow takes."""
    said = list(said)
    metrics = [metric for line in said for metric in line.get("metrics", [])]
    params = {name: value for line in said for name, value in line.get("params", {}).items()}
    tags = {name: value for line in said for name, value in line.get("tags", {}).items()}
    tracking.log(run_id, metrics, params, tags)


class Sender:
    """A thread that sends one report as it grows."""

    def __init__(self, path: Path, task: str) -> None:
        """Begin to send."""
        self.delivery, self.task = Delivery(path), task
        self._new, self._hurry, self._tried = (threading.Event() for _ in range(3))
        self._away, self._given_up, self._wait = False, False, FIRST_WAIT
        self._held = ExitStack()
        self._held.enter_context(reports.alone(path))
        self._thread = threading.Thread(target=self._work, name="to-mlflow", daemon=True)
        self._thread.start()

    def say(self, said: Mapping[str, Any]) -> None:
        """Add to the report."""
        reports.add(self.delivery.path, said)
        self._new.set()

    def known_run_id(self) -> str | None:
        """The stage's run, once the server was asked for it; None where that failed."""
        self._tried.wait(RUN_ID_SECONDS)
        return self.delivery.run_id

    def end(self, status: str, is_required: bool) -> None:
        """Say how the stage ended, and wait a little for the server to have it all."""
        self.say({"end": status})
        is_kept = run_folder() is not None
        seconds = IN_A_POD_SECONDS if not is_kept else 0.0 if self._away else ON_DISK_SECONDS
        self._hurry.set()
        self._thread.join(REQUIRED_SECONDS if is_required else seconds)
        self._given_up = True
        self._new.set()
        self._hurry.set()
        if self._thread.is_alive() and not is_kept:
            say(f"{self.task}: MLflow was not told all of this stage")

    def _work(self) -> None:
        with self._held, impatient():
            while not self.delivery.ended and not self._given_up:
                self._attempt()
                if self._away:
                    self._hurry.wait(self._wait)
                elif not self.delivery.ended:
                    self._new.wait()

    def _attempt(self) -> None:
        self._new.clear()
        self._hurry.clear()
        try:
            self.delivery.go_on()
        except Exception as error:
            self._failed(error)
        else:
            self._away, self._wait = False, FIRST_WAIT
            if self.delivery.ended:
                self.delivery.path.unlink(missing_ok=True)
        self._tried.set()

    def _failed(self, error: Exception) -> None:
        # Those whose reports lie there already have said so.
        if not self._away and len(reports.left()) <= 1:
            say(f"{self.task}: MLflow: {reason(error)}; what it is told is kept and sent later")
        self._away, self._wait = True, min(2 * self._wait, LONGEST_WAIT)


def send_left() -> None:
    """Send the reports of stages that ended, or were killed, while the server was away."""
    for path in reports.left():
        with reports.alone(path) as is_ours:
            if is_ours:
                _send_left(path)


def _send_left(path: Path) -> None:
    delivery = Delivery(path)
    try:
        delivery.go_on()
    except ValueError as error:
        say(f"a report for MLflow is dropped: {error}")
    else:
        if not (delivery.ended or delivery.is_whole):
            tracking.client().set_terminated(str(delivery.run_id), "KILLED")
    path.unlink(missing_ok=True)
