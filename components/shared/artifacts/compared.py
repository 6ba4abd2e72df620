"""All models that are compared, in one artifact; that of fit_baselines.

The body of a loop on a cluster is handed a single artifact of a list, and each part of the test
images needs every model. `models/<name>` is the folder of each DeViSE model as train_devise left
it, without what ranking does not read; `baselines/<row>.safetensors` is each baseline that was
fitted; `taxonomy` is the taxonomy, whose hierarchy two baselines rank by. `compared.json` has the
names of the models in their order, whether the visual network had seen zero-shot classes, how hops
are weighed, and over the label space of which model each baseline ranks.
"""

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from components.shared.artifacts.evaluation import CONTAMINATED, DEVISE, RANDOM
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.baselines.fitted_file import write_fitted
from components.shared.execution.run_folder import copy_linked
from components.shared.storage.atomic import write_json

FACTS_FILE, MODELS, BASELINES, TAXONOMY = "compared.json", "models", "baselines", "taxonomy"


@dataclass(frozen=True)
class HopWeights:
    """How the baselines that read the hierarchy alone weigh what lies some hops away.

    Attributes:
        softmax_beta: How fast weights fall with each hop in softmax_hierarchy.
        conse_beta: The same in conse_hierarchy.
        conse_top: How many classes it combines; 0: all.
    """

    softmax_beta: float
    conse_beta: float
    conse_top: int


class FittedBaseline(NamedTuple):
    """A baseline that was fitted, and the model over whose label space it ranks."""

    model: str
    fitted: Any


@dataclass(frozen=True)
class ComparedModels:
    """Content of the artifact.

    Attributes:
        folder: Of the artifact.
        folders: Of the DeViSE models by name: `devise`, `random`, then the variants.
        baselines: For each fitted baseline the model over whose label space it ranks.
        hops: How the others read the hierarchy.
        contaminated: Whether the visual network's weights had seen zero-shot classes.
    """

    folder: Path
    folders: Mapping[str, Path]
    baselines: Mapping[str, str]
    hops: HopWeights
    contaminated: bool

    @property
    def variants(self) -> list[str]:
        """Names of the further DeViSE models, in their order."""
        return [name for name in self.folders if name not in (DEVISE, RANDOM)]

    @property
    def taxonomy(self) -> Path:
        """Folder of the taxonomy."""
        return self.folder / TAXONOMY

    def space_of(self, model: str) -> LabelSpace:
        """Read the label space of a model; that of `devise` has the labels of all."""
        return read_label_space(self.folders[model] / "label_space")

    def file_of(self, baseline: str) -> Path:
        """The file of a fitted baseline."""
        return _file(self.folder, baseline)


def write_compared(
    folder: Path,
    models: Mapping[str, Path],
    without: Mapping[str, Collection[str]],
    taxonomy: Path,
    baselines: Mapping[str, FittedBaseline],
    hops: HopWeights,
    *,
    contaminated: bool,
) -> None:
    """Write the artifact; its files are the models' own where the file system can link them.

    Args:
        folder: Of the artifact; what is in it is removed.
        models: Folders of the DeViSE models by name: `devise`, `random`, then the variants.
        without: Names of the files that are left out of each.
        taxonomy: Folder of the taxonomy.
        baselines: Those that were fitted.
        hops: How the others read the hierarchy.
        contaminated: Whether the visual network's weights had seen zero-shot classes.
    """
    shutil.rmtree(folder, ignore_errors=True)
    for name, model in models.items():
        copy_linked(model, folder / MODELS / name, without[name])
    copy_linked(taxonomy, folder / TAXONOMY)
    for name, baseline in baselines.items():
        write_fitted(_file(folder, name), baseline.fitted)
    facts = {
        "models": list(models),
        "baselines": {name: baseline.model for name, baseline in baselines.items()},
        "hops": asdict(hops),
        CONTAMINATED: contaminated,
    }
    write_json(folder / FACTS_FILE, facts)


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
    hops = HopWeights(**facts["hops"])
    return ComparedModels(folder, folders, facts["baselines"], hops, facts[CONTAMINATED])


def own_spaces(spaces: Mapping[str, LabelSpace]) -> dict[str, LabelSpace]:
    """Return the label spaces that baselines are tried over: the first model's, and variants' own.

    There is none over random vectors, and a variant on the first model's space has that one's.

    Args:
        spaces: Of every DeViSE model by its name, `devise` first.
    """
    (name, first), *others = spaces.items()
    own = {name: first}
    for name, space in others:
        if space.facts.get("kind") != "random" and not same_space(space, first):
            own[name] = space
    return own


def same_space(a: LabelSpace, b: LabelSpace) -> bool:
    """Return whether two label spaces have the same vectors and give each label the same one."""
    columns = ["wnid", "target_row"]
    same_targets = a.labels[columns].equals(b.labels[columns])
    return same_targets and np.array_equal(a.vectors, b.vectors)


def _file(folder: Path, baseline: str) -> Path:
    return folder / BASELINES / f"{baseline}.safetensors"
