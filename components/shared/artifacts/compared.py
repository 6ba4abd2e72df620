"""All models that are compared, in one artifact; that of fit_baselines.

The body of a loop on a cluster is handed a single artifact of a list, and each part of the test
images needs every model. `models/<name>` is the folder of each DeViSE model as train_devise left
it, without what ranking does not read. `compared.json` has their names in their order, and whether
the visual network had seen zero-shot classes.
"""

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from components.shared.artifacts.evaluation import CONTAMINATED, DEVISE, RANDOM
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.execution.run_folder import copy_linked
from components.shared.storage.atomic import write_json

FACTS_FILE, MODELS = "compared.json", "models"


@dataclass(frozen=True)
class ComparedModels:
    """Content of the artifact.

    Attributes:
        folders: Of the DeViSE models by name: `devise`, `random`, then the variants.
        contaminated: Whether the visual network's weights had seen zero-shot classes.
    """

    folders: Mapping[str, Path]
    contaminated: bool

    @property
    def variants(self) -> list[str]:
        """Names of the further DeViSE models, in their order."""
        return [name for name in self.folders if name not in (DEVISE, RANDOM)]

    def space_of(self, model: str) -> LabelSpace:
        """Read the label space of a model; that of `devise` has the labels of all."""
        return read_label_space(self.folders[model] / "label_space")


def write_compared(
    folder: Path,
    models: Mapping[str, Path],
    without: Mapping[str, Collection[str]],
    *,
    contaminated: bool,
) -> None:
    """Write the artifact; its files are the models' own where the file system can link them.

    Args:
        folder: Of the artifact; what is in it is removed.
        models: Folders of the DeViSE models by name: `devise`, `random`, then the variants.
        without: Names of the files that are left out of each.
        contaminated: Whether the visual network's weights had seen zero-shot classes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name, model in models.items():
        copy_linked(model, folder / MODELS / name, without[name])
    write_json(folder / FACTS_FILE, {"models": list(models), CONTAMINATED: contaminated})


def read_compared(folder: Path) -> ComparedModels:
    """Find what is compared.

    Raises:
        ValueError: The folder holds no such artifact.
    """
    file = folder / FACTS_FILE
    if not file.is_file():
        raise ValueError(f"{file} is missing: give the output folder of fit_baselines.")
    facts = json.loads(file.read_text(encoding="utf-8"))
    folders = {name: folder / MODELS / name for name in facts["models"]}
    return ComparedModels(folders, facts[CONTAMINATED])
