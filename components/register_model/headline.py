"""Puts a run's figures, report and outcome on MLflow's parent run.

register_model does it, because no cache ever takes it: a run whose other stages all came from KFP's
cache has its row and its figures like any other.
"""

import shutil
import tempfile
from pathlib import Path

from components.register_model.outcome import registration_outcome
from components.shared.artifacts.evaluation import CONFIDENCE_FILE, METRICS_FILE, read_metrics
from components.shared.execution.stage_run import StageRun

EVALUATE = "evaluate"


def publish(evaluation: Path, report: Path, registration: Path, run: StageRun) -> None:
    """Log all metrics, attach the report, say what came of the run and end it.

    Its tag `cached` says whether the evaluation, and so all that went before it, came from a cache;
    `registration` what became of the model.

    Args:
        evaluation: Folder of the evaluation.
        report: The page, a file without a browser's suffix.
        registration: Folder of the registration.
        run: register_model's own, while it executes.

    Raises:
        ValueError: The MLflow server cannot be reached, does not answer or refuses.
    """
    run.require_mlflow()
    tags = {
        "cached": str(run.is_from_cache(EVALUATE)).lower(),
        "registration": registration_outcome(registration),
    }
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        shutil.copyfile(report, page)
        files = [evaluation / METRICS_FILE, evaluation / CONFIDENCE_FILE, page]
        run.headline(read_metrics(evaluation), [str(file) for file in files], tags)
    run.finish_pipeline()
