"""The graph as the YAML that Kubeflow Pipelines takes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from google.protobuf.json_format import MessageToDict

from components.shared.storage.atomic import write_text
from pipeline.cluster.resources import Cluster, on_cluster
from pipeline.dag import DEVISE, VISUAL, build
from pipeline.form import choices

ITEM = "-loop-item"
FIELD = f"{ITEM}-subvar-"
"""How kfp names the item of a loop, and what stands between it and the name of its field."""
_DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Of libyaml, which is some ten times as fast, where the package has it."""


def write_pipeline(
    defaults: Mapping[str, Any], cluster: Cluster, file: Path, until: str = ""
) -> None:
    """Compile the pipeline to a YAML file.

    Args:
        defaults: Those of the run form.
        cluster: What it finds there.
        file: The file to write.
        until: As `pipeline.dag.build` takes it.
    """
    gpus, visual_gpus = (cluster.resources[name].gpus for name in (DEVISE, VISUAL))
    pipeline = build(
        defaults, on_cluster(cluster), cluster.parallel, gpus, visual_gpus, until
    )  # fmt: skip
    specification, platform = described(pipeline)
    _offer_choices(specification)
    _hand_over_items_fields(specification)
    write_text(file, yaml.dump_all([specification, platform], Dumper=_DUMPER, sort_keys=True))


def described(pipeline: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """A pipeline as kfp's compiler describes it: its specification, and what Kubernetes is told.

    Not by way of the file that the compiler writes, which takes seconds to write and to read.
    """
    return MessageToDict(pipeline.pipeline_spec), MessageToDict(pipeline.platform_spec)


def read_pipeline(file: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Read what `write_pipeline` wrote: the specification, and what Kubernetes is told."""
    specification, platform = yaml.load_all(file.read_text(), Loader=_LOADER)
    return specification, platform


def _hand_over_items_fields(specification: dict[str, Any]) -> None:
    """Let a task's resources read a field of the item of its loop, as its arguments do.

    kfp 2.17 takes the field for a parameter of the loop, which has none of that name: the driver
    would fail.
    """
    dags = [component["dag"] for component in specification["components"].values()
            if "dag" in component]  # fmt: skip
    for task in (task for dag in dags for task in dag["tasks"].values()):
        parameters = task.get("inputs", {}).get("parameters", {})
        for name in [name for name in parameters if FIELD in name]:
            item, _, field = name.partition(FIELD)
            parameters[name] = {
                "componentInputParameter": f"{item}{ITEM}",
                "parameterExpressionSelector": f'parseJson(string_value)["{field}"]',
            }


def _offer_choices(specification: dict[str, Any]) -> None:
    # The SDK refuses Literal[...] parameters, but the back end and the form know their field.
    inputs = specification["root"]["inputDefinitions"]["parameters"]
    for name, values in choices().items():
        inputs[name]["literals"] = values
