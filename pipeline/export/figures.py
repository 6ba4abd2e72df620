"""What is known of how good a model is: from the run that it lies in, or from MLflow."""

from pathlib import Path

from components.shared.artifacts.evaluation import (
    DEVISE,
    METRICS_FILE,
    figures_of_model,
    read_metrics,
)
from components.shared.model_description import Figure, figures_among
from pipeline.model import is_in_mlflow


def figures_of(address: str) -> list[Figure]:
    """Return a model's figures on test images; none where nobody wrote them down.

    Args:
        address: Of the model, as it was named.
    """
    metrics = _of_version(address) if is_in_mlflow(address) else _of_run(Path(address))
    return figures_among(metrics)


def _of_run(folder: Path) -> dict[str, float]:
    places = (folder, folder.parent)
    found = next((place for place in places if (place / METRICS_FILE).is_file()), None)
    return figures_of_model(read_metrics(found), DEVISE) if found else {}


def _of_version(address: str) -> dict[str, float]:
    """The figures that registration wrote on a version; `models:/name@alias` or `/version`."""
    from mlflow import MlflowClient

    scheme, _, name = address.partition(":/")
    if scheme != "models":
        return {}
    name, at, alias = name.strip("/").partition("@")
    client = MlflowClient()
    if at:
        version = client.get_model_version_by_alias(name, alias)
    else:
        version = client.get_model_version(*name.split("/"))
    prefix = "test/"
    tags = version.tags.items()
    return {key.removeprefix(prefix): float(value) for key, value in tags if key.startswith(prefix)}
