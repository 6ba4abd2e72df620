"""The graph as the YAML that Kubeflow Pipelines takes."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from kfp import compiler

from components.shared.storage.atomic import write_text
from pipeline.cluster.resources import Cluster, on_cluster
from pipeline.dag import build
from pipeline.form import choices


def write_pipeline(defaults: Mapping[str, Any], cluster: Cluster, file: Path) -> None:
    """Compile the pipeline, with these values as the run form's defaults, to a YAML file."""
    pipeline = build(defaults, on_cluster(cluster), cluster.parallel)
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "pipeline.yaml"
        compiler.Compiler().compile(pipeline, str(raw))
        documents = list(yaml.safe_load_all(raw.read_text()))
    _offer_choices(documents[0])
    write_text(file, yaml.safe_dump_all(documents, sort_keys=True))


def _offer_choices(specification: dict[str, Any]) -> None:
    # The SDK refuses Literal[...] parameters, but the back end and the form know their field.
    inputs = specification["root"]["inputDefinitions"]["parameters"]
    for name, values in choices().items():
        inputs[name]["literals"] = values
