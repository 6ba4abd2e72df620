"""Names of the stages' images.

Unless told otherwise an image's tag is a hash of what the image is built from: equal files have
equal tags, so that an image is built once, and KFP's cache, which looks at the image's name, holds
for the stages that an edit does not touch.
"""

from components.shared.execution.code_version import ROOT, hash_of, source_files
from components.shared.execution.stage import image_repository

LENGTH = 12
MLFLOW_SERVER = "mlflow_server"
DOCKER = ROOT / "docker"


def image_name(stage: str, registry: str, tag: str) -> str:
    """Full name of a stage's image; without a tag, of the image that this folder's code makes."""
    prefix = f"{registry.rstrip('/')}/" if registry else ""
    return f"{prefix}{image_repository(stage)}:{tag or content_tag(stage)}"


def content_tag(stage: str) -> str:
    """Hash of an image's code and of the packages that are installed in it.

    Args:
        stage: A stage, or `mlflow_server` for the image of the tracking server.
    """
    # Also what only reports: it computes no result, but a mended one must reach the cluster.
    ours = source_files(stage, left_out=())
    code = [DOCKER / "make_buckets.py"] if stage == MLFLOW_SERVER else ours
    recipes = sorted([*DOCKER.glob("*Dockerfile"), *DOCKER.glob("locked/*.txt")])
    return hash_of([*code, *recipes])[:LENGTH]


def check_image_names(registry: str, tag: str) -> None:
    """Refuse names by which a cluster would find no images, or old ones.

    Raises:
        ValueError: There is no registry, or the tag is `latest`.
    """
    if not registry:
        raise ValueError(
            "--registry is missing: a cluster pulls the stages' images from one; name it, such as "
            "--registry ghcr.io/team, and fill it with 'pipeline.py images --registry ... --push'."
        )
    if tag == "latest":
        raise ValueError(
            "--tag latest is no build's own: nodes and KFP's cache would go on with an old image; "
            "leave --tag out for a hash of the code, or give each build a tag of its own."
        )
