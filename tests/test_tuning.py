from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from inner_splits import GROUPS, inner_groups, write_inner_index
from tuning_choice import COLUMNS, Row, best_penalty, chosen

from components.shared.images.index import read_classes, read_index
from components.shared.statistics.generalised import Curve

SEEN, UNSEEN = [f"s{number:02}" for number in range(10)], ["u00", "u01"]


@pytest.fixture(name="index")
def index_of_the_outer_split(tmp_path: Path) -> Path:
    sizes = {"train": 20, "validation": 2, "test": 6}
    rows = [
        {"wnid": wnid, "split": split, "path": f"{split}/{wnid}/{number}", "seen": wnid in SEEN}
        for wnid in [*SEEN, *UNSEEN]
        for split, images in sizes.items()
        for number in range(images)
        if wnid in SEEN or split == "test"
    ]
    frame = pd.DataFrame(rows).assign(shard="a", offset=0, length=1, checksum="")
    folder = tmp_path / "outer"
    folder.mkdir()
    frame.to_parquet(folder / "index.parquet")
    classes = pd.DataFrame({"wnid": [*SEEN, *UNSEEN]}).assign(**sizes)
    classes.assign(seen=classes["wnid"].isin(SEEN)).to_parquet(folder / "classes.parquet")
    return folder


def test_each_seen_class_is_unseen_in_one_inner_split(index: Path) -> None:
    groups = inner_groups(index)
    assert [len(group) for group in groups] == [len(SEEN) // GROUPS] * GROUPS
    assert sorted(wnid for group in groups for wnid in group) == SEEN


def test_options_are_chosen_on_training_images_of_seen_classes_alone(
    index: Path, tmp_path: Path
) -> None:
    unseen = inner_groups(index)[0]
    inner = read_index(write_inner_index(index, unseen, tmp_path / "inner"))
    assert inner["path"].str.startswith("train/").all()
    assert not set(inner["wnid"]) & set(UNSEEN)
    by_split = inner.groupby("split")["wnid"].agg(set)
    assert by_split["test"] == set(unseen)
    assert by_split["train"] == by_split["validation"] == set(SEEN) - set(unseen)
    aside = inner[inner["split"] == "validation"].groupby("wnid").size()
    assert (aside == 2).all()
    assert (inner["seen"] == ~inner["wnid"].isin(unseen)).all()


def test_the_images_that_are_kept_aside_are_the_same_in_every_split(
    index: Path, tmp_path: Path
) -> None:
    aside: dict[object, set[str]] = {}
    for number, unseen in enumerate(inner_groups(index)):
        inner = read_index(write_inner_index(index, unseen, tmp_path / str(number)))
        held = inner[inner["split"] == "validation"]
        for wnid, paths in held.groupby("wnid")["path"]:
            assert aside.setdefault(wnid, set(paths)) == set(paths)
    assert set(aside) == set(SEEN)


def test_the_classes_of_an_inner_split_are_counted_anew(index: Path, tmp_path: Path) -> None:
    unseen = inner_groups(index)[1]
    classes = read_classes(write_inner_index(index, unseen, tmp_path / "inner"))
    counts = classes.set_index("wnid")[["train", "validation", "test"]]
    assert (counts.loc[unseen] == [0, 0, 20]).all(axis=None)
    assert (counts.drop(unseen) == [18, 2, 0]).all(axis=None)


def test_a_ranker_of_unseen_labels_is_chosen_by_the_mean_of_two_hits() -> None:
    rows = {
        "first": row({"unseen hit@1": 0.3, "hit@5": 0.4}, {"unseen hit@1": 0.1, "hit@5": 0.4}),
        "second": row({"unseen hit@1": 0.1, "hit@5": 0.6}, {"unseen hit@1": 0.1, "hit@5": 0.5}),
    }
    assert rows["first"].zero_shot == pytest.approx(0.3)
    assert chosen(rows) == "second"


def test_a_softmax_that_reads_the_hierarchy_may_lose_a_fifth_of_a_point() -> None:
    rows = {
        "softmax": row({"seen hit@1": 0.4, "hp@5": 0.2}),
        "gentle": row({"seen hit@1": 0.3985, "hp@5": 0.3}),
        "strong": row({"seen hit@1": 0.397, "hp@5": 0.4}),
    }
    assert chosen(rows) == "gentle"


def test_the_penalty_with_the_highest_mean_of_harmonic_means_is_found() -> None:
    penalties = np.array([-np.inf, 0.1, 0.2, 0.4])
    one = Curve(penalties, np.array([0.8, 0.6, 0.4, 0.0]), np.array([0.0, 0.3, 0.4, 0.4]))
    other = Curve(penalties, np.array([0.8, 0.6, 0.2, 0.0]), np.array([0.0, 0.3, 0.5, 0.5]))
    # 0.1: 0.4 and 0.4; 0.2: 0.4 and 0.2857; 0.4: 0.
    penalty, means = best_penalty([one, other])
    assert penalty == 0.1
    assert means == pytest.approx([0.4, 0.4])


def row(*splits: dict[str, float]) -> Row:
    return Row([dict.fromkeys(COLUMNS, 0.0) | figures for figures in splits], [])
