"""The model as MLflow loads it: images in, labels and cosines out.

MLflow copies this file beside the model and runs it where the model is loaded, so that nothing is
unpickled; the package `components.shared` and the DeViSE model's folder are copied with it.
"""

from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
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
            params: `labels`, separated by commas (empty: the trained ones), and `k`, how many.

        Returns:
            A row an image with lists: labels, wnids (empty texts for new labels), scores.

        Raises:
            ValueError: An image cannot be read, or a label's words have no vector.
        """
        given = params or {}
        labels = [label.strip() for label in given.get("labels", "").split(",") if label.strip()]
        found = self.labeller.predict(list(model_input["image"]), labels, int(given.get("k", 5)))
        return pd.DataFrame(
            {
                "labels": [[label for label, _, _ in row] for row in found],
                "wnids": [[wnid or "" for _, wnid, _ in row] for row in found],
                "scores": [[score for _, _, score in row] for row in found],
            }
        )


mlflow.models.set_model(DeviseLabels())
