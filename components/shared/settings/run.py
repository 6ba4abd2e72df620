"""Settings of the whole run; stages of other groups that read one declare the same field."""

from typing import Any, Literal

from pydantic import BaseModel

from components.shared.settings.parameter import STRICT, address, setting

Precision = Literal["auto", "bf16", "fp32"]

SEED: Any = setting(0, "Seed of the splits, the vectors and their twins.", 0, 2**31 - 1)
TRAINING_SEED: Any = setting(0, "Seed of the visual and the DeViSE training.", 0, 2**31 - 1)
PRECISION: Any = setting(
    "auto",
    "Arithmetic of the visual network: bf16 (autocast), fp32, or auto, which is bf16 where the GPU "
    "or the CPU has instructions for it and fp32 elsewhere.",
)


class RunSettings(BaseModel):
    """What belongs to the run and to no single stage."""

    model_config = STRICT

    seed: int = SEED
    training_seed: int = TRAINING_SEED
    run_name: str = setting(
        "", "Name of the MLflow run; empty: the preset's, with its start.", of_graph=True
    )
    mlflow_experiment: str = setting("devise", "MLflow experiment of the run.", required=True)
    checkpoints_uri: str = address(
        "",
        "Where stages keep the state they resume from: a folder or s3://; empty: in the run's "
        "folder on one machine.",
        "written",
    )
    precision: Precision = PRECISION
