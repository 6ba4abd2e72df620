"""What each task is given on a cluster: image, resources, secrets, retries, time, caching."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field

from kfp import dsl, kubernetes

from components.shared.execution.code_version import code_version
from components.shared.execution.pod import CODE_VERSION, SCRATCH, SCRATCH_BYTES
from components.shared.images.shard_cache import MOST_BYTES
from components.shared.kube.pending import GPU
from components.shared.nodes.train_job import NODE_GPUS
from pipeline.cluster.sizes import SIZES, Resources, Size
from pipeline.git_commit import git_commit
from pipeline.image_names import image_name

S3_KEYS = {
    "accesskey": "AWS_ACCESS_KEY_ID",
    "secretkey": "AWS_SECRET_ACCESS_KEY",
    "sessiontoken": "AWS_SESSION_TOKEN",
    "region": "AWS_REGION",
}
"""Keys of the object store's secret, and the variables that stages find them in."""
ACT_OUTSIDE = ("open_run", "register_model")
"""Stages whose effect is not in their outputs: they are never taken from KFP's cache."""
ON_NODES = ("pretrain_visual", "train_devise")
"""Stages whose work nodes of a TrainJob can do; those then have the GPUs that it goes without."""
MLFLOW_KEYS = ("username", "password", "token")
SCRATCH_FOLDER = "/scratch"
NODE = "node"
SHARE_OF_IMAGES = 0.75
"""Of a scratch volume: what copies of packed images may take; the rest is for temporary files."""
Configure = Callable[[dsl.PipelineTask, str], None]


@dataclass(frozen=True)
class Cluster:
    """Where a compiled pipeline finds things, and what it may use.

    Attributes:
        registry: Of the stages' images, such as `ghcr.io/team`; empty for none.
        tag: Of the stages' images; empty for a hash of what each holds. KFP's cache looks at
            nothing else of an image.
        mlflow_tracking_uri: Server that stages report to; empty for none, or where KFP's MLflow
            plugin sets it.
        s3_endpoint: Object store behind s3:// addresses.
        s3_secret: Kubernetes secret with keys `accesskey` and `secretkey`.
        mlflow_secret: Kubernetes secret with what opens the MLflow server: of the keys `username`,
            `password` and `token` those that it has; empty for none.
        resources: Of each stage's tasks.
        gpu_node_label: Label, and its value, of the nodes that have GPUs; None: what asks for a
            GPU is put where there is one.
        parallel: How many models are trained side by side.
        image_pull_secret: Kubernetes secret with which nodes log in to the registry; empty for
            none.
        scratch_class: Storage class of scratch volumes; empty for the cluster's default, `node`
            for the node's own disk.
        uncached: Stages that are done again whatever KFP's cache holds.
    """

    registry: str = ""
    tag: str = ""
    mlflow_tracking_uri: str = "http://mlflow:5000"
    s3_endpoint: str = "http://seaweedfs.kubeflow:9000"
    s3_secret: str = "mlpipeline-minio-artifact"
    mlflow_secret: str = ""
    resources: Size = field(default_factory=lambda: SIZES["paper"])
    gpu_node_label: tuple[str, str] | None = None
    parallel: int = 1
    image_pull_secret: str = ""
    scratch_class: str = ""
    uncached: Collection[str] = ()


def on_this_machine(registry: str, tag: str) -> Configure:
    """Configuration of tasks that run here: the image, for those that run in containers."""

    def configure(task: dsl.PipelineTask, stage: str) -> None:
        task.set_container_image(image_name(stage, registry, tag))

    return configure


def on_cluster(cluster: Cluster) -> Configure:
    """Configuration of tasks on Kubernetes."""
    commit = git_commit()

    def configure(task: dsl.PipelineTask, stage: str) -> None:
        wanted = cluster.resources[stage]
        _set_container(task, stage, cluster)
        _set_resources(task, wanted)
        _set_attempts(task, wanted)
        task.set_caching_options(stage not in {*ACT_OUTSIDE, *cluster.uncached})
        _set_environment(task, cluster)
        task.set_env_variable("DEVISE_GIT_COMMIT", commit)
        task.set_env_variable(CODE_VERSION, code_version(stage))
        if wanted.scratch:
            _set_scratch(task, wanted, cluster.scratch_class)
        if wanted.gpus:
            _set_gpu(task, wanted.gpus, cluster)
        if wanted.gpus and stage in ON_NODES:
            task.set_env_variable(NODE_GPUS, str(wanted.gpus))

    return configure


def _set_container(task: dsl.PipelineTask, stage: str, cluster: Cluster) -> None:
    task.set_container_image(image_name(stage, cluster.registry, cluster.tag))
    kubernetes.set_image_pull_policy(task, "IfNotPresent")
    kubernetes.set_security_context(task, run_as_user=1000, run_as_group=1000, run_as_non_root=True)
    if cluster.image_pull_secret:
        kubernetes.set_image_pull_secrets(task, [cluster.image_pull_secret])


def _set_resources(task: dsl.PipelineTask, wanted: Resources) -> None:
    task.set_cpu_request(wanted.requested_cpu or wanted.cpu).set_cpu_limit(wanted.cpu)
    task.set_memory_request(wanted.memory).set_memory_limit(wanted.memory)
    # Libraries count the node's cores, not the pod's: too many threads throttle each other.
    task.set_env_variable("OMP_NUM_THREADS", str(wanted.threads))


def _set_attempts(task: dsl.PipelineTask, wanted: Resources) -> None:
    seconds = wanted.hours * 3600
    kubernetes.set_timeout(task, seconds)
    # The window counts from the first attempt's start. KFP's own, an hour, would end a stage that
    # fails later without another attempt, and kill one that is still at work.
    window = (wanted.retries + 1) * seconds
    task.set_retry(
        wanted.retries,
        backoff_duration="30s",
        backoff_factor=2.0,
        backoff_max_duration=f"{window}s",
    )


def _set_environment(task: dsl.PipelineTask, cluster: Cluster) -> None:
    task.set_env_variable("AWS_ENDPOINT_URL", cluster.s3_endpoint)
    if cluster.mlflow_tracking_uri:
        task.set_env_variable("MLFLOW_TRACKING_URI", cluster.mlflow_tracking_uri)
    kubernetes.use_field_path_as_env(task, "KFP_RUN_ID", "metadata.labels['pipeline/runid']")
    # Each may be missing: a service account's role needs no keys, lasting keys no session.
    kubernetes.use_secret_as_env(task, cluster.s3_secret, S3_KEYS, optional=True)
    if cluster.mlflow_secret:
        _set_mlflow_credentials(task, cluster.mlflow_secret)


def _set_mlflow_credentials(task: dsl.PipelineTask, secret: str) -> None:
    variables = {key: f"MLFLOW_TRACKING_{key.upper()}" for key in MLFLOW_KEYS}
    kubernetes.use_secret_as_env(task, secret, variables, optional=True)


def _set_scratch(task: dsl.PipelineTask, wanted: Resources, storage_class: str) -> None:
    size = wanted.scratch
    # The cache of images lies in a temporary folder too.
    for name in ("TMPDIR", SCRATCH):
        task.set_env_variable(name, SCRATCH_FOLDER)
    task.set_env_variable(SCRATCH_BYTES, str(wanted.scratch_bytes))
    task.set_env_variable(MOST_BYTES, str(int(SHARE_OF_IMAGES * wanted.scratch_bytes)))
    if storage_class == NODE:
        kubernetes.empty_dir_mount(task, "scratch", SCRATCH_FOLDER, size_limit=size)
    else:
        kubernetes.add_ephemeral_volume(
            task, "scratch", SCRATCH_FOLDER, ["ReadWriteOnce"], size, storage_class or None
        )


def _set_gpu(task: dsl.PipelineTask, gpus: int, cluster: Cluster) -> None:
    task.set_accelerator_type(GPU).set_accelerator_limit(gpus)
    if cluster.gpu_node_label:
        kubernetes.add_node_selector(task, *cluster.gpu_node_label)
    kubernetes.add_toleration(task, key=GPU, operator="Exists", effect="NoSchedule")
    # DataLoader-like readers and NCCL share memory; a pod's default /dev/shm is 64 MB.
    kubernetes.empty_dir_mount(task, "shm", "/dev/shm", medium="Memory", size_limit="16Gi")
