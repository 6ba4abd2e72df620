"""The command line as a user calls it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Run:
    """A finished command."""

    output: Path
    text: str
    metrics: dict[str, float]


def finished(output: Path, text: str) -> Run:
    """What a command that ended well left, with the metrics as they are now."""
    return Run(output, text, metrics_of(output))


def metrics_of(output: Path) -> dict[str, float]:
    """The metrics in a run's folder."""
    found: dict[str, float] = json.loads((output / "metrics.json").read_text())
    return found


def environment(folder: Path, **more: str) -> dict[str, str]:
    """A clean environment whose MLflow is a database of the test's own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("MLFLOW", "DEVISE", "KFP"))}
    return {**kept, "MLFLOW_TRACKING_URI": f"sqlite:///{folder}/mlflow.db", **more}


def pipeline_command(
    project: Path, *arguments: str, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(project / "pipeline.py"), *arguments],
        cwd=project,
        env=dict(env),
        capture_output=True,
        text=True,
        check=False,
    )


def printed(project: Path, *arguments: str, env: Mapping[str, str], ends_with: int = 0) -> str:
    """What a command prints, which ends as it should."""
    done = pipeline_command(project, *arguments, env=env)
    assert done.returncode == ends_with, done.stdout[-4000:] + done.stderr[-4000:]
    return done.stdout


def settings(root: str) -> list[str]:
    """--set arguments that point the quickstart at a copy of its data."""
    given = {
        "taxonomy_uri": f"{root}/taxonomy",
        "images_uri": f"{root}/images",
        "corpus_uris": json.dumps([f"{root}/text/*.txt", f"{root}/text/*.bz2"]),
    }
    return [part for name, value in given.items() for part in ("--set", f"{name}={value}")]


SMALLER = ["visual_epochs=2", "devise_phase_1_epochs=3", "devise_phase_2_epochs=1"]
SMALL = [part for setting in SMALLER for part in ("--set", setting)]
"""Settings of a run that is whole but short, for tests of what happens to runs."""
