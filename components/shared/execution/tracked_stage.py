"""A stage's MLflow run while it works: what it says goes to a report, which is sent beside it.

The server's loss costs the stage nothing and hides no error of its own. Where the server is
required, as at registration, `require` waits for it and says what is wrong.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from components.shared.execution import reports, tracking
from components.shared.execution.liveness import beating, seen_now
from components.shared.execution.mlflow_client import check_server, patiently
from components.shared.execution.sending import Sender, send_left
from components.shared.execution.system_metrics import sampled


@dataclass
class Tracker:
    """Where a stage's parameters and metrics go; without a server they go nowhere.

    Attributes:
        sender: Sends the report.
        is_required: Whether the stage cannot do without the server.
    """

    sender: Sender | None = None
    is_required: bool = False

    @property
    def run_id(self) -> str | None:
        """The stage's run; None without a server, or where it is away."""
        return self.sender.known_run_id() if self.sender else None

    @property
    def parent_id(self) -> str | None:
        """The pipeline run's run; None without a server, or where it is away."""
        return self.sender.delivery.parent_id if self.sender and self.run_id else None

    def parameters(self, values: Mapping[str, Any]) -> None:
        """Log parameters to the stage's run."""
        self._say("run", params=tracking.as_texts(values))

    def metrics(self, values: Mapping[str, float], step: int | None = None) -> None:
        """Log metrics to the stage's run."""
        self._say("run", metrics=tracking.measured(values, step))

    def headline(self, values: Mapping[str, float]) -> None:
        """Log metrics to the parent run, so that pipeline runs compare row by row."""
        self._say("parent", metrics=tracking.measured(values, None))

    def headline_tags(self, values: Mapping[str, str]) -> None:
        """Set tags of the parent run."""
        self._say("parent", tags=dict(values))

    def tags(self, values: Mapping[str, str]) -> None:
        """Set tags of the stage's run."""
        self._say("run", tags=dict(values))

    def beat(self) -> None:
        """Give a sign of life: on the stage's run, and on the parent's."""
        now = seen_now()
        self.tags(now)
        self.headline_tags(now)

    def artifact(self, path: str) -> None:
        """Attach a file to the parent run, now."""
        if self.parent_id:
            tracking.client().log_artifact(self.parent_id, path)

    def require(self) -> str | None:
        """Wait for the server, which must have all that this run's stages have said so far.

        Returns:
            The stage's run; None without a server.

        Raises:
            ValueError: The server cannot be reached, does not answer or refuses.
            MlflowException: It goes away meanwhile.
        """
        if self.sender is None:
            return None
        self.is_required = True
        check_server()
        send_left()
        patiently(self.sender.delivery.go_on)
        return self.sender.delivery.run_id

    def _say(self, of: str, **said: Any) -> None:
        if self.sender:
            self.sender.say({of: said})


@contextmanager
def tracked(task: str, key: str, *, is_taken: bool = False) -> Iterator[Tracker]:
    """A nested run for a task, with signs of life and what it asks of the machine.

    Its failure marks it and the parent FAILED.

    Args:
        task: Name of the run, a stage's name or that with what sets this task apart.
        key: Of the task's inputs; a run of the same key that was left running is ended first.
        is_taken: Whether the task's result was finished before. Where this pipeline run has a run
            of that already, it is the task's, and stays as it is.
    """
    if not tracking.is_tracked():
        yield Tracker()
        return
    path = reports.begin(task, key, tracking.pipeline_run_id(), is_taken=is_taken)
    # Imports MLflow, which two threads must not do at once.
    tracking.client()
    tracker = Tracker(sender := Sender(path, task))
    tracker.beat()
    try:
        with beating(tracker.beat), sampled(tracker.metrics):
            yield tracker
    except BaseException as error:
        # What ends a stage from outside, as a signal does, is no failure of its own.
        sender.end("FAILED" if isinstance(error, Exception) else "KILLED", is_required=False)
        raise
    sender.end("FINISHED", tracker.is_required)
