from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from support.experiment import EDGES, write_space, write_taxonomy

from components.shared.artifacts.compared import (
    ComparedModels,
    FittedBaseline,
    HopWeights,
    own_spaces,
    read_compared,
    same_space,
    write_compared,
)
from components.shared.artifacts.label_space import LabelSpace, read_label_space
from components.shared.artifacts.taxonomy import read_taxonomy
from components.shared.baselines.eszsl import Eszsl
from components.shared.baselines.fitted_file import read_fitted

HOPS = HopWeights(softmax_beta=0.5, conse_beta=0.25, conse_top=0)


def written(folder: Path, models: Mapping[str, Path]) -> ComparedModels:
    """An artifact with one fitted baseline and the tests' taxonomy."""
    write_taxonomy(folder / "taxonomy")
    form = Eszsl(np.arange(6.0, dtype=np.float32).reshape(2, 3))
    fitted = {"eszsl": FittedBaseline("devise", form)}
    without = dict.fromkeys(models, ("words",))
    taxonomy = folder / "taxonomy"
    write_compared(folder / "compared", models, without, taxonomy, fitted, HOPS, contaminated=True)
    return read_compared(folder / "compared")


def test_models_come_back_by_name_in_their_order_and_are_linked(tmp_path: Path) -> None:
    models = {
        name: tmp_path / f"of {name}" for name in ("devise", "random", "devise_b", "devise_a")
    }
    for name, folder in models.items():
        folder.mkdir()
        (folder / "weights").write_text(name)
        (folder / "words").write_text("many")
    compared = written(tmp_path, models)
    assert list(compared.folders) == list(models)
    assert compared.variants == ["devise_b", "devise_a"]
    assert compared.contaminated
    for name, folder in compared.folders.items():
        assert [file.name for file in folder.iterdir()] == ["weights"]
        assert (folder / "weights").samefile(models[name] / "weights")


def test_what_baselines_rank_by_comes_back(tmp_path: Path) -> None:
    compared = written(tmp_path, {})
    assert compared.hops == HOPS
    assert compared.baselines == {"eszsl": "devise"}
    form = read_fitted(Eszsl, compared.file_of("eszsl")).form
    assert form.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read_taxonomy(compared.taxonomy).edges == EDGES


def space(folder: Path, seed: int, kind: str = "skipgram") -> LabelSpace:
    write_space(folder, seed, kind)
    return read_label_space(folder)


def test_baselines_are_tried_once_on_each_label_space_but_not_on_random_vectors(
    tmp_path: Path,
) -> None:
    spaces = {
        "devise": space(tmp_path / "devise", 1),
        "devise_l2": space(tmp_path / "l2", 1),
        "devise_best": space(tmp_path / "best", 3),
        "random": space(tmp_path / "random", 2, "random"),
        "random_per_synset": space(tmp_path / "per synset", 4, "random"),
    }
    own = own_spaces(spaces)
    assert list(own) == ["devise", "devise_best"]
    assert own["devise_best"] is spaces["devise_best"]


def test_other_targets_over_the_same_vectors_are_another_space(tmp_path: Path) -> None:
    one = space(tmp_path / "devise", 1)
    labels = one.labels.assign(target_row=np.roll(one.labels["target_row"], 1))
    assert same_space(one, replace(one))
    assert not same_space(one, replace(one, labels=labels))


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"compared\.json is missing: give the output folder of"):
        read_compared(tmp_path)
