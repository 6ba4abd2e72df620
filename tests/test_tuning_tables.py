"""What the tables of benchmarks/tuning.py say of a small world, a figure beside a plain loop."""

import io
import statistics
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import redirect_stdout
from pathlib import Path

import numpy as np
import pytest
import torch
import tuning
import tuning_visual
from support.world_of_splits import CLASSES, QUICK, SIZE, write_world
from tuning_baselines import GRIDS
from tuning_choice import COLUMNS, PENALISED
from tuning_models import UNSEEN, Given, Split, projected, projection, splits, variant

from components.shared.artifacts.label_space import members, targets
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index, select
from components.shared.images.shards import ImageStore
from components.shared.networks import visual_model
from components.shared.settings.presets import values_of

SPLITS = 2
CPU = torch.device("cpu")
SET = [f"{name}={value}" for name, value in QUICK.items()]
Cells = dict[str, str]
Points = Callable[[np.ndarray], np.ndarray]
"""Features of an image to what labels are compared with."""


def printed(*arguments: object) -> str:
    """What the command prints."""
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()) as told:
        patch.setattr(sys, "argv", ["tuning.py", *map(str, arguments)])
        tuning.main()
    return told.getvalue()


def table_in(text: str, title: str) -> dict[str, Cells]:
    """The cells of each row of the table below a title."""
    lines = text.partition(f"\n{title}\n\n")[2].partition("\n\n")[0].splitlines()
    head, _, *rows = [line.strip("| ").split(" | ") for line in lines]
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows}


@pytest.fixture(scope="module", name="given")
def given_artifacts(tmp_path_factory: pytest.TempPathFactory) -> Given:
    folder: Path = tmp_path_factory.mktemp("tuning")
    write_world(folder)
    made = folder / "taxonomy", folder / "word_vectors", folder / "image_index"
    return Given(*made, folder / "tuned", values_of(tuning.PRESET, SET), SPLITS)


@pytest.fixture(scope="module", name="told")
def what_is_told(given: Given) -> str:
    return tables_of(given, "rank_losses") + tables_of(given, "conses")


def tables_of(given: Given, group: str) -> str:
    """What the command prints of a group."""
    folders = {
        "--taxonomy": given.taxonomy,
        "--word-vectors": given.word_vectors,
        "--image-index": given.image_index,
        "--output": given.output,
    }
    shared = [part for pair in folders.items() for part in pair] + ["--splits", SPLITS]
    settings = [part for text in SET for part in ("--set", text)]
    return printed("models", *shared, *settings, group)


def figure(values: Sequence[float]) -> str:
    """A mean over splits, in percent, with its standard error."""
    error = statistics.stdev(values) / len(values) ** 0.5
    return f"{100 * statistics.mean(values):.1f} ±{100 * error:.1f}"


def judged(split: Split, seen: bool) -> Iterator[tuple[str, np.ndarray]]:
    """The class and the features of each image that figures of these labels are of."""
    for row, (wnid, is_seen) in enumerate(split.images[["wnid", "seen"]].to_numpy()):
        if is_seen == seen:
            yield wnid, split.embedded[np.array([row])][0].astype(float)


def hits_at_1(split: Split, seen: bool, points: Points, vectors: dict[str, np.ndarray]) -> float:
    """Of seen labels the mean over images, of unseen ones that over their classes."""
    hits: dict[str, list[bool]] = {}
    for wnid, features in judged(split, seen):
        point = points(features)
        nearest = max(vectors, key=lambda label: float(vectors[label] @ point))
        hits.setdefault("all" if seen else wnid, []).append(nearest == wnid)
    return statistics.mean(sum(own) / len(own) for own in hits.values())


def vectors_of(split: Split, differing: dict[str, object], name: str) -> dict[str, np.ndarray]:
    """The unit vectors of a candidate set's labels."""
    space = split.space(differing)
    wnids = members(space, name)
    return dict(zip(wnids, targets(space, wnids).astype(float), strict=True))


def trained(split: Split, differing: dict[str, object]) -> Points:
    """The projection that is kept."""
    (weight,) = projected(projection(split, differing)).parameters()  # type: ignore[attr-defined]
    matrix = weight.detach().double().numpy()
    return lambda features: matrix @ features


def combined(split: Split, differing: dict[str, object], top: int) -> Points:
    """ConSE a class at a time."""
    weights, bias = (one.detach().double().numpy() for one in split.model.classifier.parameters())
    vectors = vectors_of(split, differing, "seen")

    def point(features: np.ndarray) -> np.ndarray:
        chances = np.exp(weights @ features + bias)
        best = sorted(range(len(chances)), key=lambda number: -chances[number])[:top]
        total = sum(chances[number] for number in best)
        found = np.zeros_like(next(iter(vectors.values())))
        for number in best:
            found += chances[number] / total * vectors[split.model.config.classes[number]]
        return found

    return point


def test_a_row_of_losses_says_what_a_loop_over_images_and_labels_finds(
    given: Given, told: str
) -> None:
    rows = table_in(told, "rank_losses")
    assert list(rows) == ["margin_1", "margin_2", "margin_4", "rank_all_2", "rank_all_4"]
    for text in tuning.CANDIDATES["rank_losses"]:
        name, differing = variant(text)
        for column, labels in {"seen hit@1": "seen", "unseen hit@1": UNSEEN}.items():
            found = [
                hits_at_1(split, labels == "seen", trained(split, differing), vectors)
                for split in splits(given)
                for vectors in [vectors_of(split, differing, labels)]
            ]
            assert rows[name][column] == figure(found)


@pytest.mark.parametrize("title", tuning.SPACES)
def test_a_row_over_a_label_space_says_what_a_loop_over_images_and_labels_finds(
    given: Given, told: str, title: str
) -> None:
    rows = table_in(told, f"conses, {title}")
    _, differing = variant(f"space: {tuning.SPACES[title]}")
    for top in (5, 10):
        found = [
            hits_at_1(split, False, combined(split, differing, top), vectors)
            for split in splits(given)
            for vectors in [vectors_of(split, differing, UNSEEN)]
        ]
        assert rows[f"conse top={top}"]["unseen hit@1"] == figure(found)


def test_options_are_tried_all_together_or_one_at_a_time(
    given: Given, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GRIDS, "dgp", {"steps": (1, 2), "dropout": (0.5,)})
    rows = table_in(tables_of(given, "dgps"), "dgps")
    together = ["dgp steps=1 dropout=0.5", "dgp steps=2 dropout=0.5"]
    # What the run has itself, 512 and 4, is no row of its own.
    alone = ["dgp hidden=256", "dgp hidden=1024", "dgp farthest=1", "dgp farthest=2"]
    assert list(rows) == together + alone


def test_tables_have_every_figure_and_the_best_of_their_rows_is_chosen(told: str) -> None:
    for title in ("rank_losses", *(f"conses, {space}" for space in tuning.SPACES)):
        rows = table_in(told, title)
        assert all(list(row) == ["candidate", *COLUMNS, *PENALISED] for row in rows.values())
        chosen = told.partition(f"\n{title}\n")[2].partition("chosen: ")[2].splitlines()[0]
        both = {
            name: sum(float(row[column].split()[0]) for column in ("unseen hit@1", "hit@5"))
            for name, row in rows.items()
        }
        assert both[chosen] == max(both.values())


def test_a_split_is_trained_once_without_its_unseen_classes(given: Given, told: str) -> None:
    assert told.count("the trunk is trained") == SPLITS
    for split in splits(given):
        unseen = set(split.images.loc[~split.images["seen"].astype(bool), "wnid"])
        assert set(split.model.config.classes) == set(CLASSES) - unseen
        assert len(unseen) == 2


def test_a_row_of_a_visual_network_says_what_a_loop_over_images_finds(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny = {"input_size": SIZE, "resize": SIZE, "epochs": 1, "half_size_epochs": 0}
    monkeypatch.setitem(tuning_visual.CANDIDATES, "tiny", tiny)
    told = printed("visual", "--image-index", given.image_index, "--output", tmp_path, "tiny")
    head, _, row = [line.strip("| ").split(" | ") for line in told.splitlines() if line[0] == "|"]
    index = select(read_index(tmp_path / "index"), split="validation", seen=True)
    model = visual_model.load(tmp_path / "tiny", CPU)
    right: list[bool] = []
    with torch.inference_mode():
        for images in centre_batches(ImageStore(index), model.config.view, 1, CPU):
            scores = model(images)[0].tolist()
            wnid = model.config.classes[scores.index(max(scores))]
            right.append(wnid == index["wnid"].iloc[len(right)])
    hit = sum(right) / len(right)
    error = (hit * (1 - hit) / len(right)) ** 0.5
    assert dict(zip(head, row, strict=True))["hit@1, %"] == f"{100 * hit:.1f} ±{100 * error:.1f}"
