"""Labels for image files, from the folder of a DeViSE model or from MLflow."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from components.shared.execution.progress import printable
from components.shared.storage.fingerprint import checksum

MODEL_FOLDER = "devise_model"
MODEL_MARK = "model.safetensors"
RUN_RECORD, MODEL_TASK = "run.json", "train_devise-devise"
AGAIN = "give the run's command again, which makes both anew"


def model_folder(address: str, scratch: Path) -> Path:
    """Folder of the DeViSE model that an address means.

    Args:
        address: A run's folder, a model's folder, or an MLflow address (`models:/devise@champion`,
            `runs:/ID/model`).
        scratch: Where a model from MLflow is downloaded to.

    Raises:
        ValueError: No DeViSE model is there, or it is not as the run beside it left it.
    """
    folder = Path(address) if "://" not in address and ":/" not in address else None
    if folder is None:
        folder = _download(address, scratch)
    candidates = [folder, folder / MODEL_FOLDER, *folder.glob(f"**/{MODEL_FOLDER}")]
    found = next((path for path in candidates if (path / MODEL_MARK).is_file()), None)
    if found is None:
        raise ValueError(
            f"--model {address!r} holds no DeViSE model: give a finished run's folder, or an "
            "MLflow address such as models:/devise@champion."
        )
    _check_as_left(found)
    return found


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
        raise ValueError(f"--model {address!r} is not in MLflow: {error.message}") from error


@dataclass(frozen=True)
class Told:
    """What is said of image files.

    Attributes:
        text: Lines of labels and cosines for each image that can be read.
        unread: A sentence for each of the others.
    """

    text: str
    unread: tuple[str, ...] = ()


def predict_files(files: Sequence[Path], folder: Path, labels: Sequence[str], top: int) -> Told:
    """Label image files; one that cannot be read does not keep the others from it.

    Raises:
        ValueError: A label has no vector.
    """
    from components.shared.ranking.labeller import predict

    read = {file: _read(file) for file in files}
    images = {file: data for file, data in read.items() if isinstance(data, bytes)}
    predictions = predict(list(images.values()), folder, list(labels) or None, top)
    lines = []
    for file, found in zip(images, predictions, strict=True):
        lines.append(str(file))
        lines += [f"  {score:6.3f}  {label}{_wnid(wnid)}" for label, wnid, score in found]
    unread = tuple(told for told in read.values() if isinstance(told, str))
    return Told(printable("\n".join(lines)), unread)


def _read(file: Path) -> bytes | str:
    """A file's bytes, or what is wrong with it."""
    from components.shared.images.decoding import UNREADABLE, decode_any
    from components.shared.images.limits import check_bytes

    if not file.is_file():
        return f"{str(file)!r} is no file: check the path."
    try:
        check_bytes(file.stat().st_size)
        data = file.read_bytes()
        decode_any(data)
    except UNREADABLE as error:
        return f"{str(file)!r} is no image that can be read: {error}"
    return data


def _wnid(wnid: str | None) -> str:
    return f"  ({wnid})" if wnid else ""
