"""Imports all that stages import; the process that tasks are forks of does so once for all."""

import gc
import os
from importlib import import_module
from pathlib import Path

from components.shared.execution.code_version import ROOT, code_version, source_files

STAGES = sorted(face.parent.name for face in (ROOT / "components").glob("*/component.py"))
FIRST = ("kfp.dsl.executor", "mlflow", "pipeline.cli", "pipeline.local.processes")
"""What the process needs to run a task, whichever it is."""
DATABASE = (
    "mlflow.store.tracking.sqlalchemy_store",
    "mlflow.store.model_registry.sqlalchemy_store",
)
"""What each task would import to reach MLflow, where that is a database and no server."""


def modules_of(stage: str) -> list[str]:
    """Names of the project's modules that a stage imports, its own among them."""
    files = (file.relative_to(ROOT) for file in source_files(stage) if file.suffix == ".py")
    return [".".join(_dotted(file)) for file in files]


def _dotted(file: Path) -> tuple[str, ...]:
    parts = file.with_suffix("").parts
    return parts[:-1] if parts[-1] == "__init__" else parts


def _import_all() -> None:
    for module in FIRST:
        import_module(module)
    if os.environ.get("MLFLOW_TRACKING_URI", "").startswith("sqlite"):
        _prepare_database()
    for stage in STAGES:
        for module in modules_of(stage):
            import_module(module)
    # Tasks know by it whether they are of the code that their command began with: taken after the
    # imports, so that what was changed before is in it.
    for stage in STAGES:
        code_version(stage)


def _prepare_database() -> None:
    for module in DATABASE:
        import_module(module)
    # Done at the first question to the database, in each task, otherwise.
    import_module("sqlalchemy.orm").configure_mappers()


# What is imported stays: looking through it for garbage takes time here, and in each fork memory.
gc.disable()
_import_all()
gc.freeze()
gc.enable()
