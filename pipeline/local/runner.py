"""Runs the graph on this machine, in subprocesses or in containers, and collects what it leaves."""

import builtins
import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager, redirect_stdout
from pathlib import Path
from typing import Any, TextIO, cast

from kfp import local

from components.shared.execution.mlflow_address import hide_credentials, masked
from components.shared.execution.run_facts import COMMAND
from components.shared.execution.run_folder import (
    FAILURES,
    STAGES,
    STARTED,
    TASKS,
    records,
)
from components.shared.images.shard_cache import FOLDER, MOST_BYTES
from components.shared.machine import machine_facts
from components.shared.settings.parameter import Value
from components.shared.storage import store
from components.shared.storage.atomic import write_json
from pipeline.dag import task_count
from pipeline.git_commit import git_commit
from pipeline.local.given_command import given_command
from pipeline.local.narration import Narration
from pipeline.local.order import inputs_first
from pipeline.local.output_folder import claimed
from pipeline.local.processes import own_groups, start_ahead
from pipeline.local.run_id import run_id_of, set_run_id
from pipeline.local.stopping import Stopped, stoppable
from pipeline.local.tracking_database import tracking_uri
from pipeline.replaced import replaced

PROJECT = Path(__file__).resolve().parents[2]
PIPELINE_ROOT = ".kfp"
"""In a run's folder, while it goes on: what its stages work with."""

PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy")
PASSED_ON = (
    "AWS_ENDPOINT_URL", "AWS_REGION",
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN",
    *PROXIES, "NO_PROXY", "no_proxy", "OMP_NUM_THREADS", FOLDER, MOST_BYTES,
)  # fmt: skip
"""Variables that stages are given where they are set: servers, what opens them and the way there,
threads, and the place of copies of shards.
"""

# Where each of the files that a run leaves comes from: stage, output, name there.
LEFT_BEHIND = {
    "metrics.json": ("evaluate", "evaluation", "metrics.json"),
    "confidence.json": ("evaluate", "evaluation", "confidence.json"),
    "without_shared_terms.json": ("evaluate", "evaluation", "without_shared_terms.json"),
    "calibration.parquet": ("evaluate", "evaluation", "calibration.parquet"),
    "predictions.parquet": ("evaluate", "evaluation", "predictions.parquet"),
    "report.html": ("draw_report", "report", ""),
    "synsets.parquet": ("prepare_taxonomy", "taxonomy", "synsets.parquet"),
    "edges.parquet": ("prepare_taxonomy", "taxonomy", "edges.parquet"),
    "labels.parquet": ("train_devise-devise", "devise_model", "label_space/labels.parquet"),
    "candidates.parquet": ("train_devise-devise", "devise_model", "label_space/candidates.parquet"),
    "index.parquet": ("prepare_images", "image_index", "index.parquet"),
    "skipgram.json": ("train_skipgram", "word_vectors", "skipgram.json"),
    "phrases.parquet": ("train_skipgram", "word_vectors", "phrases.parquet"),
    "vocabulary.parquet": ("train_skipgram", "word_vectors", "vocabulary.parquet"),
    "registration.json": ("register_model", "registration", "registration.json"),
    "devise_model": ("train_devise-devise", "devise_model", ""),
}


class RunFailed(Exception):
    """A stage failed; the message is the stage's own."""


def run(
    pipeline: Any,
    arguments: Mapping[str, Any],
    values: Mapping[str, Value],
    output: Path,
    runner: Callable[[Mapping[str, str], Path], AbstractContextManager[Any]],
    shared: Path | None = None,
    until: str = "",
) -> list[dict[str, Any]]:
    """Run the pipeline and leave its results in `output`.

    Args:
        pipeline: What `pipeline.dag.build` gives.
        arguments: The pipeline's, which resolve to the values.
        values: Every setting, addresses filled in.
        output: The run's folder; finished stages in it are taken as they are.
        runner: Given the stages' environment and the pipeline root: the kfp.local runner to use.
        shared: Folder that keeps the finished stages of several runs; None: `output`.
        until: The stage that the pipeline was built to end with; empty: it is whole.

    Returns:
        The record of each task, in the order they started.

    Raises:
        RunFailed: A stage failed.
        Stopped: A signal ended the run.
        ValueError: `output` or `shared` is somebody else's, another run's, or not to be written to.
    """
    with ExitStack() as claims:
        folders = dict.fromkeys((shared or output, output))
        locks = tuple(claims.enter_context(claimed(folder)) for folder in folders)
        stopping = claims.enter_context(stoppable(locks))
        for kind in (TASKS, STARTED, FAILURES):
            shutil.rmtree(output / kind, ignore_errors=True)
        set_run_id(output, values)
        root = output.absolute() / PIPELINE_ROOT
        started = time.time()
        try:
            stages = task_count(values, until)
            _execute(pipeline, arguments, output, root, runner, shared or output, stages)
            if not stopping.number:
                tasks = _tasks(output)
                _leave_behind(output, tasks, stages_of(shared or output), root, bool(until))
        except RunFailed:
            # What a stage says that was ended is no failure of its own.
            if not stopping.number:
                raise
        finally:
            shutil.rmtree(root, ignore_errors=True)
        if stopping.number:
            raise Stopped(stopping.number)
        _write_summary(output, values, tasks, time.time() - started)
        return tasks


def _execute(
    pipeline: Any,
    arguments: Mapping[str, Any],
    output: Path,
    root: Path,
    runner: Callable[[Mapping[str, str], Path], AbstractContextManager[Any]],
    shared: Path,
    stages: int,
) -> None:
    shutil.rmtree(root, ignore_errors=True)
    (root / "tmp").mkdir(parents=True)
    environment = stage_environment(output, root, shared)
    with runner(environment, root) as chosen, warnings.catch_warnings():
        # kfp.local takes any image without "python" in its name for a non-Python one.
        warnings.filterwarnings("ignore", "You may be attemping", RuntimeWarning)
        warnings.filterwarnings("ignore", "Task '.*': settings .* have no effect", UserWarning)
        local.init(chosen, pipeline_root=str(root), raise_on_error=True)
        try:
            with (
                # kfp.local indents what is printed, and two tasks at once leave it so.
                replaced(builtins, "print", print),
                redirect_stdout(cast(TextIO, Narration(sys.stdout, stages, masked))),
                inputs_first(),
            ):
                pipeline(**arguments)
        except RuntimeError as error:
            raise RunFailed(_failure(output, error)) from error


def stages_of(folder: Path) -> Path:
    """Where a run's folder keeps finished stages."""
    return folder.absolute() / STAGES


def stage_environment(output: Path, root: Path, shared: Path) -> dict[str, str]:
    """What stages learn from their environment: the run, its folder, where MLflow is."""
    given = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    if given.get(FOLDER):
        # Stages work in folders of their own.
        given[FOLDER] = os.path.abspath(given[FOLDER])
    environment = {
        **given,
        "DEVISE_RUN_DIR": str(output.absolute()),
        "DEVISE_STAGES_DIR": str(stages_of(shared)),
        "DEVISE_GIT_COMMIT": git_commit(),
        COMMAND: given_command(),
        "KFP_RUN_ID": run_id_of(output) or "",
        "MLFLOW_TRACKING_URI": tracking_uri(),
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "TMPDIR": str(root / "tmp"),
        "PYTHONUNBUFFERED": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    hide_credentials(environment)
    return environment


@contextmanager
def subprocesses(environment: Mapping[str, str], _root: Path) -> Iterator[local.SubprocessRunner]:
    """Each task in a process of this Python."""
    with own_groups(), _changed(environment):
        # Where stages have finished, perhaps all have, and no task needs a process.
        if not Path(environment.get("DEVISE_STAGES_DIR", ".")).exists():
            start_ahead()
        yield local.SubprocessRunner(use_venv=False)


@contextmanager
def _changed(environment: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(environment)
    path = filter(None, (str(PROJECT), before.get("PYTHONPATH")))
    # And the working folder's modules are none of the stages'.
    os.environ.update(PYTHONPATH=os.pathsep.join(path), PYTHONSAFEPATH="1")
    # tempfile remembers the first TMPDIR it saw; that of an earlier run is gone.
    tempfile.tempdir = None
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        tempfile.tempdir = None


def _tasks(output: Path) -> list[dict[str, Any]]:
    return sorted(records(output, TASKS), key=lambda record: record["started"])


def _leave_behind(
    output: Path, tasks: list[dict[str, Any]], stages: Path, scratch: Path, is_cut: bool
) -> None:
    """Copy what a run leaves: whoever edits it there edits no finished stage."""
    by_task = {record["task"]: record for record in tasks}
    for name, (task, artifact, file) in LEFT_BEHIND.items():
        if is_cut and task not in by_task:
            continue
        record = by_task[task]
        source = stages / record["stage"] / record["key"] / artifact / file
        aside = scratch / name
        if source.is_dir():
            shutil.copytree(source, aside, copy_function=shutil.copyfile)
        else:
            shutil.copyfile(source, aside)
        _remove(output / name)
        aside.rename(output / name)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _write_summary(
    output: Path, values: Mapping[str, Value], tasks: list[dict[str, Any]], seconds: float
) -> None:
    kept = ("task", "key", "seconds", "reused", "code_version", "packages", "outputs", "inputs")
    summary = {
        "run_id": run_id_of(output),
        "git_commit": git_commit(),
        "command": given_command(),
        "machine": machine_facts(),
        "mlflow_tracking_uri": masked(tracking_uri()),
        "parameters": store.without_secrets(values),
        "seconds": seconds,
        "tasks": [{name: record[name] for name in kept} for record in tasks],
    }
    write_json(output / "run.json", summary)


def _failure(output: Path, error: RuntimeError) -> str:
    found = records(output, FAILURES)
    if not found:
        return (
            f"{error}. The stage left no error of its own: it was killed, perhaps for want of "
            "memory. Start the same command again to resume."
        )
    first = min(found, key=lambda failure: failure["time"])
    if first["type"] == "ValueError":
        return f"{first['task']}: {first['message']}"
    return f"{first['traceback']}\n{first['task']}: {first['type']}: {first['message']}"
