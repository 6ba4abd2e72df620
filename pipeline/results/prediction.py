"""Labels for image files, from the folder of a DeViSE model or from MLflow."""

from collections.abc import Sequence
from pathlib import Path

MODEL_FOLDER = "devise_model"
MODEL_MARK = "model.safetensors"


def model_folder(address: str, scratch: Path) -> Path:
    """Folder of the DeViSE model that an address means.

    Args:
        address: A run's folder, a model's folder, or an MLflow address (`models:/devise@champion`,
            `runs:/ID/model`).
        scratch: Where a model from MLflow is downloaded to.

    Raises:
        ValueError: No DeViSE model is there.
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
    return found


def _download(address: str, scratch: Path) -> Path:
    import os

    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    from components.shared.execution.mlflow_address import hide_credentials
    from pipeline.local.runner import tracking_uri
    from pipeline.local.tracking_database import make_database

    os.environ["MLFLOW_TRACKING_URI"] = tracking_uri()
    make_database(tracking_uri())
    # MLflow's own words name the address.
    hide_credentials(os.environ)
    try:
        return Path(download_artifacts(artifact_uri=address, dst_path=str(scratch)))
    except MlflowException as error:
        raise ValueError(f"--model {address!r} is not in MLflow: {error.message}") from error


def predict_files(files: Sequence[Path], folder: Path, labels: Sequence[str], top: int) -> str:
    """Lines of labels and cosines for each image file.

    Raises:
        ValueError: A file is missing or no image, or a label has no vector.
    """
    from components.shared.ranking.labeller import predict

    images = [_read(file) for file in files]
    predictions = predict(images, folder, list(labels) or None, top)
    lines = []
    for file, found in zip(files, predictions, strict=True):
        lines.append(str(file))
        lines += [f"  {score:6.3f}  {label}{_wnid(wnid)}" for label, wnid, score in found]
    return "\n".join(lines)


def _read(file: Path) -> bytes:
    from components.shared.images.decoding import UNREADABLE, decode_any

    if not file.is_file():
        raise ValueError(f"{str(file)!r} is no file: check the path.")
    data = file.read_bytes()
    try:
        decode_any(data)
    except UNREADABLE as error:
        raise ValueError(f"{str(file)!r} is no image that can be read: {error}") from error
    return data


def _wnid(wnid: str | None) -> str:
    return f"  ({wnid})" if wnid else ""
