"""What each task asks of a cluster: processors, memory, GPU, secrets, retries, time, caching."""

from collections.abc import Callable
from dataclasses import dataclass

from kfp import dsl, kubernetes

from components.shared.execution.stage import image_repository

GPU = "nvidia.com/gpu"
DAY = 24 * 3600
MLFLOW_KEYS = ("username", "password", "token")


@dataclass(frozen=True)
class Resources:
    """Requests and limits of one stage's tasks.

    Attributes:
        cpu: Processors.
        memory: As Kubernetes writes it.
        gpus: Accelerators; 0 for none.
        hours: After this the task is stopped.
        retries: How often a failed task is tried again; it resumes from its checkpoint.
        cached: Whether KFP may take an earlier task's outputs; not where a stage acts outside.
    """

    cpu: str = "1"
    memory: str = "4Gi"
    gpus: int = 0
    hours: int = 6
    retries: int = 2
    cached: bool = True


STAGES: dict[str, Resources] = {
    "open_run": Resources(hours=1, cached=False),
    "prepare_taxonomy": Resources(hours=1),
    "prepare_corpus": Resources(hours=24),
    "train_skipgram": Resources(cpu="16", memory="32Gi", hours=72, retries=5),
    "prepare_images": Resources(cpu="8", memory="16Gi", hours=24),
    "pretrain_visual": Resources(cpu="12", memory="64Gi", gpus=1, hours=168, retries=5),
    "map_synsets": Resources(memory="16Gi"),
    "train_devise": Resources(cpu="12", memory="64Gi", gpus=1, hours=168, retries=5),
    "evaluate": Resources(cpu="8", memory="64Gi", gpus=1),
    "draw_report": Resources(cpu="2", memory="16Gi", hours=2),
    "register_model": Resources(cpu="4", memory="16Gi", hours=2, cached=False),
}


@dataclass(frozen=True)
class Cluster:
    """Where a compiled pipeline finds things.

    Attributes:
        registry: Of the stages' images, such as `ghcr.io/team`; empty for none.
        tag: Of the stages' images; one for each build, because KFP's cache looks at nothing else.
        mlflow_tracking_uri: Server that stages report to; empty for none, or where KFP's MLflow
            plugin sets it.
        s3_endpoint: object store behind s3:// addresses.
        s3_secret: Kubernetes secret with keys `accesskey` and `secretkey`.
        mlflow_secret: Kubernetes secret with what opens the MLflow server: of the keys `username`,
            `password` and `token` those that it has; empty for none.
        gpu_node_label: Label, and its value, of the nodes that have GPUs.
    """

    registry: str = ""
    tag: str = "latest"
    mlflow_tracking_uri: str = "http://mlflow:5000"
    s3_endpoint: str = "http://seaweedfs.kubeflow:9000"
    s3_secret: str = "mlpipeline-minio-artifact"
    mlflow_secret: str = ""
    gpu_node_label: tuple[str, str] = ("nvidia.com/gpu.present", "true")


def image_name(stage: str, registry: str, tag: str) -> str:
    """Full name of a stage's image."""
    prefix = f"{registry.rstrip('/')}/" if registry else ""
    return f"{prefix}{image_repository(stage)}:{tag}"


def on_this_machine(registry: str, tag: str) -> Callable[[dsl.PipelineTask, str], None]:
    """Configuration of tasks that run here: the image, for those that run in containers."""

    def configure(task: dsl.PipelineTask, stage: str) -> None:
        task.set_container_image(image_name(stage, registry, tag))

    return configure


def on_cluster(cluster: Cluster) -> Callable[[dsl.PipelineTask, str], None]:
    """Configuration of tasks on Kubernetes."""

    def configure(task: dsl.PipelineTask, stage: str) -> None:
        wanted = STAGES[stage]
        task.set_container_image(image_name(stage, cluster.registry, cluster.tag))
        task.set_cpu_request(wanted.cpu).set_cpu_limit(wanted.cpu)
        task.set_memory_request(wanted.memory).set_memory_limit(wanted.memory)
        task.set_caching_options(wanted.cached)
        task.set_retry(wanted.retries, backoff_duration="60s", backoff_factor=2.0)
        kubernetes.set_timeout(task, wanted.hours * 3600)
        kubernetes.set_image_pull_policy(task, "IfNotPresent")
        kubernetes.set_security_context(
            task, run_as_user=1000, run_as_group=1000, run_as_non_root=True
        )
        _set_environment(task, cluster)
        if wanted.gpus:
            _set_gpu(task, wanted.gpus, cluster)

    return configure


def _set_environment(task: dsl.PipelineTask, cluster: Cluster) -> None:
    task.set_env_variable("AWS_ENDPOINT_URL", cluster.s3_endpoint)
    if cluster.mlflow_tracking_uri:
        task.set_env_variable("MLFLOW_TRACKING_URI", cluster.mlflow_tracking_uri)
    kubernetes.use_field_path_as_env(task, "KFP_RUN_ID", "metadata.labels['pipeline/runid']")
    kubernetes.use_secret_as_env(
        task,
        cluster.s3_secret,
        {"accesskey": "AWS_ACCESS_KEY_ID", "secretkey": "AWS_SECRET_ACCESS_KEY"},
    )
    if cluster.mlflow_secret:
        _set_mlflow_credentials(task, cluster.mlflow_secret)


def _set_mlflow_credentials(task: dsl.PipelineTask, secret: str) -> None:
    variables = {key: f"MLFLOW_TRACKING_{key.upper()}" for key in MLFLOW_KEYS}
    kubernetes.use_secret_as_env(task, secret, variables, optional=True)


def _set_gpu(task: dsl.PipelineTask, gpus: int, cluster: Cluster) -> None:
    task.set_accelerator_type(GPU).set_accelerator_limit(gpus)
    kubernetes.add_node_selector(task, *cluster.gpu_node_label)
    kubernetes.add_toleration(task, key=GPU, operator="Exists", effect="NoSchedule")
    # DataLoader-like readers and NCCL share memory; a pod's default /dev/shm is 64 MB.
    kubernetes.empty_dir_mount(task, "shm", "/dev/shm", medium="Memory", size_limit="16Gi")
