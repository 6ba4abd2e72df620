"""MLflow's model registry: the one module of this stage that talks to it."""

import io
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
from PIL import Image

import components.shared
from components.shared.execution import tracking
from components.shared.execution.mlflow_client import patiently
from components.shared.execution.run_folder import copy_linked
from components.shared.execution.stage_run import package_versions
from components.shared.networks.architectures import is_timm
from components.shared.networks.devise_model import read_config

if TYPE_CHECKING:
    from mlflow.models import ModelSignature

ALIAS = "champion"
CHECKSUM_TAG = "checksum"
ARTIFACT = "devise_model"
MODEL_CODE = Path(__file__).with_name("pyfunc.py")
NEEDED = (
    "minio", "mlflow", "numpy", "pandas", "pillow", "pyarrow", "safetensors", "simplejpeg",
    "torch", "torchvision",
)  # fmt: skip
"""Packages that prediction needs where the model is loaded."""


@dataclass(frozen=True)
class Champion:
    """The version that carries the alias.

    Attributes:
        version: In the registry.
        folder: Its DeViSE model, downloaded; None where it holds none.
        checksum: Of the model, as it was registered; empty where that was not said.
    """

    version: str
    folder: Path | None
    checksum: str = ""


def champion(model_name: str, scratch: Path) -> Champion | None:
    """Return the present champion, downloaded to `scratch`; None where there is none."""
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        found = tracking.client().get_model_version_by_alias(model_name, ALIAS)
    except MlflowException as error:
        # A registered model that is missing, and an alias that no version carries.
        if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
            return None
        raise
    uri = f"models:/{model_name}/{found.version}"
    folder = Path(patiently(lambda: download_artifacts(artifact_uri=uri, dst_path=str(scratch))))
    model = folder / "artifacts" / ARTIFACT
    there = model if (model / "model.safetensors").is_file() else None
    return Champion(str(found.version), there, found.tags.get(CHECKSUM_TAG, ""))


def version_of(model_name: str, checksum: str) -> str | None:
    """Return the newest version that was registered of a model with this checksum."""
    wanted = f"name = '{model_name}' and tags.{CHECKSUM_TAG} = '{checksum}'"
    found = tracking.client().search_model_versions(wanted)
    return str(max(int(version.version) for version in found)) if found else None


def mark_registered(model_name: str, version: str, checksum: str) -> None:
    """Say of which model a version is; the last step, so that a broken one is done again."""
    tracking.client().set_model_version_tag(model_name, version, CHECKSUM_TAG, checksum)


def register_version(
    model_name: str, devise_model: Path, run_id: str, tags: Mapping[str, str]
) -> str:
    """Log the model as code with its folder, register it and return the new version.

    Args:
        model_name: In the registry; made where it is missing.
        devise_model: Folder of the model.
        run_id: MLflow run to log to.
        tags: Of the version.
    """
    before = _versions_of(model_name, run_id)

    def attempt() -> str:
        # Where an answer was lost the version is there all the same.
        made = [found for found in _versions_of(model_name, run_id) if found not in before]
        return str(max(made)) if made else _log(model_name, devise_model, run_id)

    version = patiently(attempt)
    for key, value in tags.items():
        tracking.client().set_model_version_tag(model_name, version, key, value)
    return version


def describe_version(
    model_name: str, version: str, text: str, figures: Mapping[str, float]
) -> None:
    """Give a version its description, and its model the figures that were measured of it.

    Args:
        model_name: In the registry.
        version: Of the model.
        text: Markdown.
        figures: By name.
    """
    client = tracking.client()
    client.update_model_version(model_name, version, description=text)
    found = client.get_model_version(model_name, version)
    logged = str(found.source).removeprefix("models:/")
    tracking.log(str(found.run_id), tracking.measured(figures, None), model_id=logged)


def _versions_of(model_name: str, run_id: str) -> list[int]:
    found = tracking.client().search_model_versions(
        f"name = '{model_name}' and run_id = '{run_id}'"
    )
    return [int(version.version) for version in found]


def _log(model_name: str, devise_model: Path, run_id: str) -> str:
    import mlflow

    with tempfile.TemporaryDirectory() as folder, mlflow.start_run(run_id=run_id):
        # MLflow keeps a folder under its own name, and that is how the champion is found again.
        model = Path(folder) / ARTIFACT
        copy_linked(devise_model, model)
        logged = mlflow.pyfunc.log_model(
            name="model",
            python_model=str(MODEL_CODE),
            artifacts={ARTIFACT: str(model)},
            code_paths=[str(shared_code(Path(folder)))],
            signature=signature(),
            input_example=input_example(),
            pip_requirements=requirements(devise_model),
            registered_model_name=model_name,
        )
    return str(logged.registered_model_version)


def make_champion(model_name: str, version: str) -> None:
    """Move the alias to a version."""
    tracking.client().set_registered_model_alias(model_name, ALIAS, version)


def shared_code(folder: Path) -> Path:
    """Copy the package that prediction needs, components.shared alone, and return its root."""
    source = Path(components.shared.__file__).parent
    package = folder / "components"
    shutil.copytree(source, package / "shared", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copyfile(source.parent / "__init__.py", package / "__init__.py")
    return package


def requirements(devise_model: Path) -> list[str]:
    """Return the packages that prediction needs, in the versions of this process.

    Args:
        devise_model: Folder of the model.
    """
    versions = package_versions()
    needed = [*NEEDED, "timm"] if is_timm(read_config(devise_model).visual.architecture) else NEEDED
    return [f"{name}=={versions[name]}" for name in needed if name in versions]


def input_example() -> pd.DataFrame:
    """An image as the model takes it: a sky above a meadow, 64 pixels a side, PNG."""
    picture = Image.new("RGB", (64, 64), "skyblue")
    picture.paste("olivedrab", (0, 40, 64, 64))
    encoded = io.BytesIO()
    picture.save(encoded, format="PNG")
    return pd.DataFrame({"image": [encoded.getvalue()]})


def signature() -> "ModelSignature":
    """Images in; labels, wnids and cosines out; the labels to choose from are a parameter."""
    from mlflow.models import ModelSignature
    from mlflow.types import ColSpec, ParamSchema, ParamSpec, Schema
    from mlflow.types.schema import Array, DataType

    texts, numbers = Array(DataType.string), Array(DataType.double)
    return ModelSignature(
        inputs=Schema([ColSpec(DataType.binary, "image")]),
        outputs=Schema(
            [ColSpec(texts, "labels"), ColSpec(texts, "wnids"), ColSpec(numbers, "scores")]
        ),
        params=ParamSchema(
            [
                ParamSpec("labels", DataType.string, ""),
                ParamSpec("k", DataType.long, 5),
                ParamSpec("candidates", DataType.string, "seen"),
            ]
        ),
    )
