"""Options of the commands that compile the pipeline: what it finds and may use on a cluster."""

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from pipeline.cluster.sizes import FITTING, SIZES, STAGES, Resources, with_gpus
from pipeline.cluster.stage_names import known_stage
from pipeline.commands.options import together

if TYPE_CHECKING:
    from pipeline.cluster.resources import Cluster

EVERY = "every stage"


def _uncached(
    _context: click.Context, _option: click.Parameter, given: Sequence[str]
) -> frozenset[str]:
    if EVERY in given:
        return frozenset(STAGES)
    return frozenset(map(known_stage, given))


def _label(
    _context: click.Context, _option: click.Parameter, text: str | None
) -> tuple[str, str] | None:
    if text is None:
        return None
    key, sign, value = text.partition("=")
    if not (key and sign):
        raise click.BadParameter(f"{text!r} is no KEY=VALUE, such as pool=gpu.")
    return key, value


takes_cluster = together(
    click.option(
        "--mlflow", default="http://mlflow:5000", help="MLflow's address, as stages call it."
    ),
    click.option(
        "--s3-endpoint",
        default="http://seaweedfs.kubeflow:9000",
        help="Address of the object store, as stages call it.",
    ),
    click.option(
        "--s3-secret",
        default="mlpipeline-minio-artifact",
        help="Kubernetes secret with its access key and secret key.",
    ),
    click.option(
        "--mlflow-secret",
        default="",
        metavar="NAME",
        help="Kubernetes secret with MLflow's username and password, or token.",
    ),
    click.option(
        "--size",
        type=click.Choice(list(SIZES)),
        help="What stages ask for: small (2 CPUs, 8 GiB, no GPU), gpu (one GPU), paper; without it "
        "what fits the preset.",
    ),
    click.option(
        "--resources",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="YAML over the size's: stage: {cpu, memory, gpus, scratch, hours, retries}.",
    ),
    click.option(
        "--gpus",
        type=click.IntRange(min=0),
        help="For each stage that can use them, over size and file; 0 for none.",
    ),
    click.option(
        "--gpu-node-label",
        callback=_label,
        metavar="KEY=VALUE",
        help="Of the nodes for stages with a GPU; without it the request alone finds one.",
    ),
    click.option(
        "--parallel",
        type=click.IntRange(min=1),
        default=1,
        help="How many models are trained side by side.",
    ),
    click.option(
        "--scratch-class",
        default="",
        help="Storage class of scratch volumes; empty: the cluster's default; node: the node's own "
        "disk.",
    ),
    click.option(
        "--image-pull-secret",
        default="",
        metavar="NAME",
        help="Kubernetes secret with which nodes log in to the registry.",
    ),
    click.option(
        "--no-cache",
        is_flag=False,
        flag_value=EVERY,
        multiple=True,
        callback=_uncached,
        metavar="[STAGE]",
        help="Do every stage again, whatever Kubeflow's cache holds, or the stages named, as often "
        "as needed.",
    ),
)


def cluster_of(options: SimpleNamespace) -> "Cluster":
    """The cluster that a command's options describe.

    Raises:
        ValueError: The images have no registry or no tag of their own, the file of resources is
            wrong, or MLflow's address has a password.
    """
    from pipeline.cluster.resources import Cluster
    from pipeline.image_names import check_image_names

    check_image_names(options.registry, options.tag)
    if "@" in urlsplit(options.mlflow).netloc:
        raise ValueError(
            "--mlflow has a user or password, which would stand in the pipeline: give the address "
            "without, and the name of a secret with them as --mlflow-secret."
        )
    return Cluster(
        registry=options.registry,
        tag=options.tag,
        mlflow_tracking_uri=options.mlflow,
        s3_endpoint=options.s3_endpoint,
        s3_secret=options.s3_secret,
        mlflow_secret=options.mlflow_secret,
        resources=_resources(options),
        gpu_node_label=options.gpu_node_label,
        parallel=options.parallel,
        scratch_class=options.scratch_class,
        image_pull_secret=options.image_pull_secret,
        uncached=options.no_cache,
    )


def _resources(options: SimpleNamespace) -> dict[str, Resources]:
    from pipeline.cluster.resource_file import read_resources

    size = dict(SIZES[options.size or FITTING[options.preset]])
    if options.resources:
        size = read_resources(options.resources, size)
    return size if options.gpus is None else with_gpus(size, options.gpus)
