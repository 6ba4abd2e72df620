"""What MLflow shows of a pipeline run beside its figures: who started what, over which data."""

import getpass
import json
import os
from collections.abc import Iterator, Mapping

from components.open_run.sources import States
from components.shared.execution.run_folder import run_folder
from components.shared.execution.tracking import Source
from components.shared.markdown import table
from components.shared.settings.parameter import Value
from components.shared.storage import store

_SHOWN = ("taxonomy_uri", "corpus_uris", "images_uri", "seed", "training_seed")


def run_tags(preset: str, values: Mapping[str, Value]) -> dict[str, str]:
    """Tags of the run that MLflow's page has columns and places for.

    Args:
        preset: The run's.
        values: Every setting by its public name.
    """
    commit = os.environ.get("DEVISE_GIT_COMMIT", "unknown")
    return {
        "git_commit": commit,
        "mlflow.source.git.commit": commit,
        "mlflow.source.name": "DeViSE on Kubeflow",
        "mlflow.source.type": "LOCAL" if run_folder() else "JOB",
        "mlflow.note.content": _note(preset, values),
        **_user(),
    }


def run_sources(states: Mapping[str, States]) -> list[Source]:
    """Every source of a run, as MLflow lists inputs: no byte of it, but the digest of its state.

    Args:
        states: By the group of settings whose stage reads it, by address.
    """
    return list(_sources(states))


def _sources(states: Mapping[str, States]) -> Iterator[Source]:
    for group, of_group in states.items():
        for uri, state in of_group.items():
            files, size, digest = state.split(", ")
            shown = store.shown(uri)
            profile = json.dumps({"content": files, "size": size})
            yield Source(shown.rstrip("/").rpartition("/")[2], shown, digest, profile, group)


def _note(preset: str, values: Mapping[str, Value]) -> str:
    shown = store.without_secrets({name: values[name] for name in _SHOWN})
    rows = [[name, f"`{value}`"] for name, value in shown.items()]
    return f"DeViSE, preset `{preset}`.\n\n{table(['setting', 'value'], rows, names=2)}"


def _user() -> dict[str, str]:
    # A pod's user is nobody's name.
    if run_folder() is None:
        return {}
    try:
        return {"mlflow.user": getpass.getuser()}
    except (KeyError, OSError):
        return {}
