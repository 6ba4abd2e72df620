"""What became of a run's model in the registry: the artifact, a folder of one file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from components.shared.storage.atomic import write_json

REGISTRATION_FILE = "registration.json"


def write_registration(folder: Path, content: Mapping[str, Any]) -> None:
    """Write the file; `content` names model and version, and gives the reason."""
    write_json(folder / REGISTRATION_FILE, content)


def registration_outcome(folder: Path) -> str:
    """What became of the model, in a sentence or two."""
    content = json.loads((folder / REGISTRATION_FILE).read_text(encoding="utf-8"))
    return f"{content['model']} version {content['version']}. {content['reason']}"
