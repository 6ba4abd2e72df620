"""A trained model in Python: load it, label images with words of one's own.

    from pipeline.model import load_model

    model = load_model("runs/quickstart")
    model.rank(["photo.jpg"])                                         # among the trained labels
    model.rank(["photo.jpg"], labels=["tiger shark", "crane"], k=2)   # among labels of one's own
    model.nearest_words(["photo.jpg"])                                # of all words of the text

An answer is a list for each image: of `RankedLabel` (label, wnid, seen, cosine), or of `NearWord`
(word, cosine), best first. An image is the path of a file, or the bytes of one. `predict`, `demo`
and the model that MLflow serves answer by the same `Labeller`.
"""

import json
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

from components.shared.storage.fingerprint import checksum

if TYPE_CHECKING:
    from components.shared.ranking.labeller import Labeller

MODEL_FOLDER = "devise_model"
MODEL_MARK = "model.safetensors"
RUN_RECORD, MODEL_TASK = "run.json", "train_devise-devise"
SHOWN = 10
"""Most runs that a refusal names."""
AGAIN = "give the run's command again, which makes both anew"


def load_model(address: str | Path) -> "Labeller":
    """Load a DeViSE model, for many calls.

    Args:
        address: A finished run's folder, a model's, an exported one, or an MLflow address
            (`models:/devise@champion`, `runs:/ID/model`).

    Raises:
        ValueError: No DeViSE model is there.
    """
    from components.shared.ranking.labeller import read_labeller

    if not is_in_mlflow(str(address)):
        return read_labeller(model_folder(str(address), Path()))
    scratch = tempfile.TemporaryDirectory(prefix="devise-model-")
    try:
        model = read_labeller(model_folder(str(address), Path(scratch.name)))
    except BaseException:
        scratch.cleanup()
        raise
    # The word vectors are read when they are first asked for.
    weakref.finalize(model, scratch.cleanup)
    return model


def model_folder(address: str, scratch: Path) -> Path:
    """Folder of the DeViSE model that an address means.

    Args:
        address: As for `load_model`.
        scratch: Where a model from MLflow is downloaded to.

    Raises:
        ValueError: No DeViSE model is there, or it is not as the run beside it left it; of a folder
            of several runs those that have one are named.
    """
    if is_in_mlflow(address):
        folder = _download(address, scratch)
        places = [folder, *sorted(folder.glob(f"**/{MODEL_FOLDER}"))]
    else:
        places = [Path(address), Path(address) / MODEL_FOLDER]
    found = next((path for path in places if (path / MODEL_MARK).is_file()), None)
    if found is None:
        raise ValueError(f"{address!r} holds no DeViSE model: {_where_one_is(Path(address))}")
    _check_as_left(found)
    return found


def _where_one_is(folder: Path) -> str:
    """What to give in place of a folder without a model: one of several runs that it holds."""
    inside = sorted(mark.parents[1].name for mark in folder.glob(f"*/{MODEL_FOLDER}/{MODEL_MARK}"))
    if inside:
        names = ", ".join(inside[:SHOWN]) + (", ..." if inside[SHOWN:] else "")
        return f"give the folder in it of one run: {names}."
    return "give a finished run's folder, or an MLflow address such as models:/devise@champion."


def _check_as_left(model: Path) -> None:
    """Compare a model in a run's folder with the checksum that the run has of it."""
    record = model.parent / RUN_RECORD
    if not record.is_file():
        return
    try:
        tasks = json.loads(record.read_text(encoding="utf-8"))["tasks"]
        outputs = next(task["outputs"] for task in tasks if task["task"] == MODEL_TASK)
    except (ValueError, KeyError, TypeError, StopIteration) as error:
        raise ValueError(
            f"{str(record)!r} is damaged, so that nothing tells whether {MODEL_FOLDER} beside it "
            f"is whole: {AGAIN}."
        ) from error
    if checksum(model) != outputs[MODEL_FOLDER]:
        raise ValueError(
            f"{str(model)!r} is damaged or was changed since its run: {AGAIN}, or copy it "
            "elsewhere to use it as it is."
        )


def is_in_mlflow(address: str) -> bool:
    """Whether an address is one of MLflow's, not a folder's."""
    return ":/" in address


def _download(address: str, scratch: Path) -> Path:
    import os

    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    from components.shared.execution.mlflow_address import hide_credentials
    from pipeline.local.tracking_database import make_database, tracking_uri

    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri()
    make_database(tracking_uri())
    # MLflow's own words name the address.
    hide_credentials(os.environ)
    try:
        return Path(download_artifacts(artifact_uri=address, dst_path=str(scratch)))
    except MlflowException as error:
        raise ValueError(f"The model {address!r} is not in MLflow: {error.message}") from error
