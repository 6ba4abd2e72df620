"""The model as MLflow loads it: images in, labels and cosines out.

MLflow copies this file beside the model and runs it where the model is loaded, so that nothing is
unpickled; the package `components.shared` and the DeViSE model's folder are copied with it.
"""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.pyfunc.model import PythonModel, PythonModelContext

from components.shared.ranking.labeller import Labeller, read_labeller


class DeviseLabels(PythonModel):
    """Labels for images, the trained ones or any that are given."""

    labeller: Labeller

    def load_context(self, context: PythonModelContext) -> None:
        """Load the DeViSE model from the folder among the artifacts."""
        self.labeller = read_labeller(Path(context.artifacts["devise_model"]))

    def predict(
        self,
        context: PythonModelContext,  # noqa: ARG002  # MLflow passes it by name.
        model_input: pd.DataFrame,
        params: dict[str, Any] | None = None,
    ) -> pd.DataFrame:
        """Label images.

        Args:
            context: Not used.
            model_input: A binary column `image` with encoded images of any kind.
            params: `labels`, separated by commas (empty: the model's own), `k`, how many, and
                `candidates`, which of the model's own: seen, unseen or all.

        Returns:
            A row an image with lists: labels, wnids (empty texts for new labels), scores.

        Raises:
            MlflowException: What the caller can mend, as the server's answer 400: an image cannot
                be read, a label's words have no vector, or there is no such candidate.
        """
        given = {"labels": "", "k": 5, "candidates": "seen", **(params or {})}
        labels = [label.strip() for label in given["labels"].split(",") if label.strip()]
        images = list(model_input["image"])
        try:
            _check(images, int(given["k"]))
            found = self.labeller.rank(images, labels, int(given["k"]), given["candidates"])
        except ValueError as error:
            raise MlflowException(str(error), INVALID_PARAMETER_VALUE) from error
        return pd.DataFrame(
            {
                "labels": [[ranked.label for ranked in row] for row in found],
                "wnids": [[ranked.wnid or "" for ranked in row] for row in found],
                "scores": [[ranked.cosine for ranked in row] for row in found],
            }
        )


def _check(images: list[object], k: int) -> None:
    if k < 1:
        raise ValueError(f"k is {k}: ask for one label or more.")
    # A text would be taken for the path of a file of the server's.
    if not all(isinstance(image, bytes) for image in images):
        raise ValueError("The column 'image' holds no bytes: send images, in JSON as base64.")


mlflow.models.set_model(DeviseLabels())
