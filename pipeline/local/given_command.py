"""The command that started this process, as a person can give it again, without secrets."""

import os
import shlex
import sys
from collections.abc import Sequence

from components.shared.execution.mlflow_address import masked
from components.shared.storage.store import without_secrets


def given_command(arguments: Sequence[str] = ()) -> str:
    """Return the command line, its paths as they were given and its addresses without secrets.

    Args:
        arguments: The script and what follows it; empty: those of this process.
    """
    script, *others = arguments or sys.argv
    inside = os.path.relpath(script)
    shown = script if inside.startswith("..") else inside
    line = {"command": ["python", shown, *map(masked, others)]}
    return shlex.join(without_secrets(line)["command"])
