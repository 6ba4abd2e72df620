"""One execution of a stage: what goes in and comes out, recorded, tracked, and never done twice.

On one machine a stage that finished in the run's folder with the same settings, sources, inputs and
code is taken as it is, where it is still as it was left. On a cluster KFP's own cache does this.
What a stage works with is compared with the checksum that it was left with, and what it reads from
outside, before and after its work, with the state in which the run was opened.
"""

import hashlib
import importlib.metadata
import json
import platform
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from components.shared.execution import finished_stages, pipeline_runs, tracking
from components.shared.execution.ending import ended_by_sigterm
from components.shared.execution.mlflow_client import as_sentences
from components.shared.execution.pod import check_pod
from components.shared.execution.progress import say
from components.shared.execution.run_facts import facts_around
from components.shared.execution.run_folder import (
    STARTED,
    TASKS,
    finished_folder,
    leave,
    record_failure,
    records,
    run_folder,
)
from components.shared.execution.tracked_stage import Tracker, tracked
from components.shared.settings.parameter import determining
from components.shared.storage import store
from components.shared.storage.checkpoint import CheckpointStore
from components.shared.storage.fingerprint import checksum, source_state

CHECKPOINTS = "checkpoints"
"""In an artifact's metadata: the address of the state that it was made from, until it is taken."""
RECORDED_PACKAGES = (
    "gensim", "kfp", "minio", "mlflow", "numpy", "pandas", "pillow", "pyarrow", "safetensors",
    "simplejpeg", "timm", "torch", "torchvision",
)  # fmt: skip


def package_versions() -> dict[str, str]:
    """Versions of the packages that can change a result, of those that are installed."""
    versions = {name: found for name in RECORDED_PACKAGES if (found := _version(name))}
    return {"python": platform.python_version(), **versions}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


@dataclass
class StageRun:
    """What one task reads, writes and is called.

    Attributes:
        stage: The stage's name.
        code_version: Hash of its source files.
        config: Its settings, with the state of the sources that it reads.
        inputs: KFP artifacts by name, or lists of them.
        outputs: KFP artifacts by name.
        checkpoints_uri: Where resumable state lies; empty: in the run's folder.
        variant: What sets this task apart where a stage has several.
    """

    stage: str
    code_version: str
    config: BaseModel
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    checkpoints_uri: str = ""
    variant: str = ""
    _tracker: Tracker = field(default_factory=Tracker)

    @property
    def task(self) -> str:
        """The stage's name, with the variant."""
        return f"{self.stage}-{self.variant}" if self.variant else self.stage

    @cached_property
    def identity(self) -> dict[str, Any]:
        """Everything that determines the result: settings, sources, inputs, code version."""
        return {
            "stage": self.stage,
            "parameters": determining(self.config),
            "inputs": {name: _checksums(value) for name, value in self.inputs.items()},
            "code_version": self.code_version,
        }

    @cached_property
    def key(self) -> str:
        """Hash of the identity, 16 hexadecimal characters."""
        text = json.dumps(self.identity, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def checkpoints(self) -> CheckpointStore:
        """Store of this task's resumable state, its own for each identity."""
        folder = run_folder()
        default = str(folder / "checkpoints") if folder else tempfile.mkdtemp()
        return CheckpointStore(
            store.join(store.join(self.checkpoints_uri or default, self.stage), self.key)
        )

    def forget(self) -> None:
        """Forget the resumable state of a result that is safe.

        On a cluster KFP stores it when the stage has ended, and a pod may be lost meanwhile: there
        the stages that take the result in forget the state, whose address goes with it.
        """
        if finished_folder():
            self.checkpoints.clear()
        elif self.checkpoints_uri:
            for out in self.outputs.values():
                out.metadata[CHECKPOINTS] = self.checkpoints.uri

    @property
    def mlflow_run_id(self) -> str | None:
        """The stage's MLflow run while it executes; None without tracking, or where it is away."""
        return self._tracker.run_id

    def require_mlflow(self) -> str | None:
        """The stage's MLflow run, waited for; None without tracking.

        Raises:
            ValueError: The server cannot be reached, does not answer or refuses.
        """
        return self._tracker.require()

    def facts(self) -> dict[str, Any]:
        """What a report can say of the run: its name, code, command, machine, time of each task.

        Nothing of it is part of the task's identity. Seconds are known on one machine, where
        finished tasks leave a record; those of one name, as the parts of a stage, are added up.
        """
        folder = run_folder()
        found = records(folder, TASKS) if folder else []
        found.sort(key=lambda record: record["started"])
        return {
            **facts_around(is_tracked=self.mlflow_run_id is not None),
            "code_version": self.code_version,
            "mlflow_run_id": self.mlflow_run_id,
            "stage_seconds": _seconds(found),
        }

    def log(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        """Log metrics to the stage's MLflow run."""
        self._tracker.metrics(metrics, step)

    def headline(
        self,
        metrics: Mapping[str, float],
        artifacts: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
    ) -> None:
        """Log metrics, attach files and set tags on the pipeline run's MLflow run."""
        self._tracker.headline(metrics)
        self._tracker.headline_tags(tags or {})
        for path in artifacts:
            self._tracker.artifact(path)

    def is_from_cache(self, task: str) -> bool:
        """Whether this pipeline run took a task's outputs from a cache; False without tracking."""
        return self.mlflow_run_id is not None and not pipeline_runs.has_worked(task)

    def finish_pipeline(self) -> None:
        """Mark the pipeline run's MLflow run as finished; the last stage calls it.

        Runs of other stages that were left running are ended.
        """
        if self.mlflow_run_id is not None:
            pipeline_runs.end_stages(but=self.mlflow_run_id)
            tracking.close_parent("FINISHED")

    def execute(
        self,
        work: Callable[[], Mapping[str, float]],
        afterwards: Callable[[], None] | None = None,
        when_reused: Callable[[], None] | None = None,
    ) -> None:
        """Do the work, unless it is done; record and track it either way.

        Args:
            work: Writes the outputs and returns the stage's final metrics.
            afterwards: Runs also when the finished result is taken as it is.
            when_reused: Runs only then.

        Raises:
            ValueError: The pod is not what the pipeline was compiled for, an input is damaged, or a
                source has changed since the run was opened.
            Unfinished: There is work, and `only_finished` is to be taken.
        """
        with ended_by_sigterm(), record_failure(self.task), as_sentences():
            record = self._finished()
            if record is None:
                finished_stages.refuse_work()
            is_taken = record is not None
            with tracked(self.task, self.key, is_taken=is_taken) as self._tracker:
                if record is None:
                    record = self._work(work)
                else:
                    self._take(record, when_reused)
                self._tracker.metrics(record["metrics"])
                if afterwards:
                    afterwards()

    def _work(self, work: Callable[[], Mapping[str, float]]) -> dict[str, Any]:
        check_pod(self.stage)
        self._check_inputs()
        self._forget_how_inputs_were_made()
        names = {f"{self.stage}.{name}": value for name, value in self._shown().items()}
        self._tracker.parameters(names)
        self._tracker.tags({"code_version": self.code_version})
        started = time.time()
        leave(STARTED, f"{self.task}-{self.key}", {"task": self.task, "parameters": self._shown()})
        say(f"{self.task}: started")
        metrics = self._worked(work)
        seconds = time.time() - started
        say(f"{self.task}: finished in {seconds:,.1f} s")
        return self._keep(self._record(metrics, started, seconds))

    def _worked(self, work: Callable[[], Mapping[str, float]]) -> dict[str, float]:
        """Do the work on what open_run found: state that was kept counts on it too."""
        sources: Mapping[str, str] = getattr(self.config, "sources", {})
        _check_sources(sources)
        metrics = dict(work())
        # A signature may have run out meanwhile.
        _check_sources({uri: sources[uri] for uri in sources if not store.is_signed(uri)})
        return metrics

    def _check_inputs(self) -> None:
        for name, artifact in _artifacts(self.inputs):
            recorded = artifact.metadata.get("checksum")
            if recorded and checksum(Path(artifact.path)) != recorded:
                raise ValueError(
                    f"{self.task}: its input {name} ({artifact.path}) is damaged or was changed "
                    "since its stage finished: start the run again, on a cluster with --no-cache."
                )

    def _forget_how_inputs_were_made(self) -> None:
        if finished_folder():
            return
        found = (artifact.metadata.get(CHECKPOINTS) for _, artifact in _artifacts(self.inputs))
        for uri in set(filter(None, found)):
            CheckpointStore(uri).clear()

    def _shown(self) -> dict[str, Any]:
        return store.without_secrets(self.config.model_dump(mode="json"))

    def _record(
        self, metrics: Mapping[str, float], started: float, seconds: float
    ) -> dict[str, Any]:
        outputs = {name: checksum(path) for name, path in self._paths().items()}
        self._mark(outputs)
        return {
            **self.identity,
            "parameters": self._shown(),
            "task": self.task,
            "key": self.key,
            "outputs": outputs,
            "metrics": metrics,
            "started": started,
            "seconds": seconds,
            "packages": package_versions(),
        }

    def _kept(self) -> Path | None:
        folder = finished_folder()
        return folder / self.stage / self.key if folder else None

    def _paths(self) -> dict[str, Path]:
        return {name: Path(out.path) for name, out in self.outputs.items()}

    def _mark(self, checksums: Mapping[str, str]) -> None:
        for name, out in self.outputs.items():
            out.metadata["checksum"] = checksums[name]
            out.metadata["code_version"] = self.code_version

    def _keep(self, record: dict[str, Any]) -> dict[str, Any]:
        kept = self._kept()
        if kept is None:
            return record
        finished_stages.keep(kept, self._paths(), record)
        self._announce({**record, "reused": False})
        return record

    def _finished(self) -> dict[str, Any] | None:
        kept = self._kept()
        return finished_stages.take(kept, self._paths()) if kept else None

    def _take(self, record: dict[str, Any], when_reused: Callable[[], None] | None) -> None:
        self._mark(record["outputs"])
        say(f"{self.task}: finished before with the same inputs, taken as it is")
        self._tracker.tags({tracking.REUSED_TAG: "true"})
        self._announce({**record, "task": self.task, "reused": True})
        if when_reused:
            when_reused()

    def _announce(self, record: Mapping[str, Any]) -> None:
        leave(TASKS, f"{self.task}-{self.key}", record)


def _check_sources(sources: Mapping[str, str]) -> None:
    for uri, state in sources.items():
        if source_state(uri) != state:
            raise ValueError(
                f"{store.shown(uri)!r} changed since the run was opened: start the run again."
            )


def _seconds(found: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    seconds: dict[str, float] = {}
    for record in found:
        seconds[record["task"]] = seconds.get(record["task"], 0.0) + record["seconds"]
    return {task: round(own, 1) for task, own in seconds.items()}


def _checksums(value: Any) -> Any:
    if isinstance(value, list):
        return [_checksums(item) for item in value]
    return value.metadata.get("checksum") or checksum(Path(value.path))


def _artifacts(inputs: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in inputs.items():
        yield from ((name, item) for item in (value if isinstance(value, list) else [value]))
