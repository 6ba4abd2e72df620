"""What can be wrong with a stage's pod before it works: other code than was compiled, no room.

The compiled pipeline says in the environment what it expects; where nothing is said, as on one
machine, nothing is checked.
"""

import os
import shutil
from pathlib import Path

from components.shared.execution.code_version import code_version

CODE_VERSION = "DEVISE_CODE_VERSION"
SCRATCH, SCRATCH_BYTES = "DEVISE_SCRATCH", "DEVISE_SCRATCH_BYTES"
LEAST_SHARE = 0.8
"""Of a volume's size that is free on it when it is new: a file system keeps some for itself."""


def check_pod(stage: str) -> None:
    """Check that this is the code that was compiled, and that the scratch volume can be used.

    Raises:
        ValueError: The image holds other code, or the volume refuses this user or is too small.
    """
    _check_code(stage)
    _check_scratch()


def _check_code(stage: str) -> None:
    wanted = os.environ.get(CODE_VERSION)
    if not wanted:
        return
    found = code_version(stage)
    if found != wanted:
        raise ValueError(
            f"The image of {stage} holds other code ({found}) than the pipeline was compiled with "
            f"({wanted}): build and push the image again, or compile with the tag of that code."
        )


def _check_scratch() -> None:
    # Python would take /tmp instead, without a word, until the node's disk is full.
    scratch = os.environ.get(SCRATCH)
    if scratch and not os.access(Path(scratch), os.W_OK):
        raise ValueError(
            f"The scratch volume at {scratch} cannot be written to by user {os.getuid()}: compile "
            "with --scratch-class node, or with a storage class whose volumes every user may write."
        )
    wanted = int(os.environ.get(SCRATCH_BYTES) or 0)
    if scratch and (free := shutil.disk_usage(scratch).free) < LEAST_SHARE * wanted:
        raise ValueError(
            f"The scratch volume at {scratch} has {free / 1e9:,.1f} GB free of the "
            f"{wanted / 1e9:,.1f} that the stage was promised: make room on the node, name another "
            "--scratch-class, or ask for less scratch in --resources."
        )
