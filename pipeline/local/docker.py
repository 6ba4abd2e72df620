"""Runs each task of the graph in a container of its stage's image, through kfp.local.

kfp 2.17 starts its containers with auto_remove=True and takes a container that is gone before it is
asked for its exit status as one that succeeded (kubeflow/pipelines issue 13332): a stage that fails
fast can pass for a success. Here the container stays until its status is read, and is removed then,
also when the run is interrupted.
"""

import codecs
import os
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from docker.errors import APIError, ImageNotFound, NotFound
from docker.types import DeviceRequest, Mount
from kfp import local
from kfp.local import config, docker_task_handler

from components.shared.execution.progress import say
from components.shared.images.shard_cache import FOLDER
from components.shared.settings.parameter import Value
from components.shared.storage.patterns import fixed_folder, is_pattern
from components.shared.storage.store import is_remote
from pipeline.images import check_images, engine
from pipeline.local.addresses import addresses
from pipeline.local.runner import PROXIES
from pipeline.local.stopping import current, ends_the_run
from pipeline.local.tracking_database import database_of
from pipeline.replaced import replaced

LABEL = "devise.run"
MOST_OF_THE_MEMORY = 0.9
"""Of the engine's machine, for a container: one that wants more ends alone, not the machine."""
Runner = Callable[[Mapping[str, str], Path], AbstractContextManager[local.DockerRunner]]


def containers(
    values: Mapping[str, Value], output: Path, registry: str = "", tag: str = ""
) -> Runner:
    """Return what opens the runner of one pipeline run.

    What `mounted` gives is mounted; servers of this machine are reached through the host's network;
    GPUs are given to every task where the engine has NVIDIA's runtime.

    Args:
        values: Every parameter, local addresses absolute.
        output: The run's folder.
        registry: Of the stages' images.
        tag: Of the stages' images; empty for those of this folder's code.

    Raises:
        ValueError: No engine answers, an image is missing or holds other code than this folder, or
            a local address does not exist.
    """

    @contextmanager
    def opened(environment: Mapping[str, str], root: Path) -> Iterator[local.DockerRunner]:
        with engine() as client:
            check_images(client, registry, tag)
            host = client.info()
            gpus = -1 if "nvidia" in host.get("Runtimes", {}) else 0
            if left := remove_leftovers(client, str(output)):
                say(f"removed {left} containers that an earlier run left")
        paths = mounted(values, output, environment)
        with kept_exit_codes():
            yield docker_runner(
                # kfp mounts the pipeline root itself; the engine refuses a second mount of it.
                [path for path in paths if path != root],
                environment,
                gpus=gpus,
                memory=int(host.get("MemTotal", 0) * MOST_OF_THE_MEMORY),
                network_mode="host" if _names_this_machine(environment) else "",
                run=str(output),
            )

    return opened


def mounted(
    values: Mapping[str, Value], output: Path, environment: Mapping[str, str]
) -> list[Path]:
    """Return what a run's stages read and write on this machine, folders to write to made.

    The run's folder, the local addresses among the values, a local MLflow database and the folder
    that copies of shards have, where they have one (DEVISE_CACHE): else they go with a container.

    Args:
        values: Every parameter, local addresses absolute.
        output: The run's folder.
        environment: The stages'.
    """
    return [output, *local_paths(values), *_database_folder(environment), *_cache(environment)]


def local_paths(values: Mapping[str, Value]) -> list[Path]:
    """Return the files and folders that the values name; those to be written to are made.

    Of a pattern it is the innermost folder that is no pattern.
    """
    written = [Path(uri) for uri in addresses(values, "written") if not is_remote(uri)]
    for folder in written:
        folder.mkdir(parents=True, exist_ok=True)
    read = [uri for uri in addresses(values, "read") if not is_remote(uri)]
    return written + [_before_pattern(Path(uri)) for uri in read]


def _before_pattern(path: Path) -> Path:
    return Path(fixed_folder(str(path))) if is_pattern(str(path)) else path


def _database_folder(environment: Mapping[str, str]) -> list[Path]:
    database = database_of(environment.get("MLFLOW_TRACKING_URI", ""))
    # SQLite writes its journal beside the database.
    return [database.parent] if database else []


def _cache(environment: Mapping[str, str]) -> list[Path]:
    if not environment.get(FOLDER):
        return []
    folder = Path(environment[FOLDER])
    folder.mkdir(parents=True, exist_ok=True)
    return [folder]


def _names_this_machine(environment: Mapping[str, str]) -> bool:
    names = ("MLFLOW_TRACKING_URI", "AWS_ENDPOINT_URL", *PROXIES)
    hosts = {urlsplit(environment.get(name, "")).hostname or "" for name in names}
    return any(host == "localhost" or host.startswith("127.") for host in hosts)


def docker_runner(
    mounts: Iterable[Path],
    environment: Mapping[str, str],
    *,
    user: str = "",
    shm_size: str = "2g",
    gpus: int = 0,
    memory: int = 0,
    network_mode: str = "",
    run: str = "",
) -> local.DockerRunner:
    """Return the runner whose containers see this machine's folders under their own paths.

    They have no capabilities and can gain none; of their own files only those in /tmp can be
    written, which go with the container.

    Args:
        mounts: Files and folders that exist; relative ones are taken from the working folder.
        environment: Variables of every container.
        user: `uid:gid` that the containers run as; empty for the caller's own, so that what they
            write belongs to the caller.
        shm_size: Size of /dev/shm, which data loaders use.
        gpus: How many GPUs each container is given; -1 for all.
        memory: Most bytes of memory of each container; 0: no limit.
        network_mode: The engine's network mode; empty for the engine's default, `host` to reach
            servers that listen on this machine's 127.0.0.1.
        run: A name for this run, by which containers left from it are found (`remove_leftovers`).

    Raises:
        ValueError: A mount does not exist.
    """
    arguments: dict[str, Any] = {
        "mounts": [Mount(str(p), str(p), type="bind") for p in _outermost(mounts)],
        "environment": dict(environment),
        "user": user or f"{os.getuid()}:{os.getgid()}",
        "shm_size": shm_size,
        "labels": {LABEL: run},
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "read_only": True,
        "tmpfs": {"/tmp": "rw,exec,nosuid,nodev,mode=1777"},
    }
    if memory:
        arguments["mem_limit"] = memory
    if gpus:
        arguments["device_requests"] = [DeviceRequest(count=gpus, capabilities=[["gpu"]])]
    if network_mode:
        arguments["network_mode"] = network_mode
    return local.DockerRunner(**arguments)


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Return the paths, absolute, without those inside another."""
    absolute = sorted({Path(os.path.abspath(path)) for path in paths})
    for path in absolute:
        if not path.exists():
            raise ValueError(f"{path} cannot be mounted, it does not exist; make it first")
    return [path for path in absolute if not any(other in path.parents for other in absolute)]


def kept_exit_codes() -> AbstractContextManager[None]:
    """Make kfp.local run its containers by `run_container` while the context lasts."""
    return replaced(docker_task_handler, "run_docker_container", run_container)


@ends_the_run
def run_container(
    client: Any, image: str, command: list[str], volumes: dict[str, Any], **arguments: Any
) -> int:
    """Run a command in a container to its end, its output streamed to this process's.

    Takes what kfp's function of the same place takes.

    Returns:
        The command's exit status.

    Raises:
        ValueError: The image is neither here nor in a registry.
    """
    _require_image(client, image)
    merged = {**_runner_environment(), **arguments.pop("environment", {})}
    container = client.containers.run(
        image, command, detach=True, volumes=volumes, environment=merged, **arguments
    )
    try:
        with current().working(partial(_end, container)):
            _stream(container)
            return int(container.wait()["StatusCode"])
    finally:
        with suppress(NotFound):
            container.remove(force=True)


def _end(container: Any, at_once: bool) -> None:
    def send() -> None:
        with suppress(APIError):
            container.kill(signal="SIGKILL" if at_once else "SIGTERM")

    # Signals come in the middle of whatever this thread asks the engine.
    threading.Thread(target=send, daemon=True).start()


def _runner_environment() -> dict[str, str]:
    # kfp drops the runner's variables where the task has some of its own; both are wanted.
    instance = config.LocalExecutionConfig.instance
    runner = instance.runner if instance else None
    arguments = runner.container_run_args if isinstance(runner, local.DockerRunner) else {}
    return dict(arguments.get("environment", {}))


def _require_image(client: Any, image: str) -> None:
    try:
        client.images.get(image)
    except ImageNotFound:
        try:
            client.images.pull(*_repository_and_tag(image))
        except APIError as error:
            raise ValueError(
                f"image {image} is neither on this machine nor to be pulled ({error.explanation}); "
                "build it with: python pipeline.py images"
            ) from error


def _repository_and_tag(image: str) -> tuple[str, str]:
    repository, colon, tag = image.rpartition(":")
    return (repository, tag) if colon and "/" not in tag else (image, "latest")


def _stream(container: Any) -> None:
    # A chunk of the log can end inside a character.
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    with closing(container.logs(stream=True)) as chunks:
        for chunk in chunks:
            sys.stdout.write(decoder.decode(chunk))
            sys.stdout.flush()


def remove_leftovers(client: Any, run: str) -> int:
    """Remove the containers that an earlier, killed run of this name left running.

    Returns:
        How many there were.
    """
    left = client.containers.list(all=True, filters={"label": f"{LABEL}={run}"})
    for container in left:
        with suppress(NotFound):
            container.remove(force=True)
    return len(left)
