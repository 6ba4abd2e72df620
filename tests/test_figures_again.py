import ast
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import figures_again
import numpy as np
import pandas as pd
import pytest

EDGES = [
    ("root", "animal"), ("animal", "ant"), ("animal", "cat"),
    ("root", "thing"), ("thing", "bus"), ("thing", "dish"),
]  # fmt: skip
SEEN, UNSEEN = ["ant", "bus"], ["cat", "dish"]
SETS = {"seen": SEEN, "unseen": UNSEEN, "unseen_plus_seen": [*SEEN, *UNSEEN],
        "seen_among_unseen": [*SEEN, *UNSEEN]}  # fmt: skip
RANKED = {
    "seen": {"ant0": "ant bus", "ant1": "bus ant", "ant2": "ant bus", "bus0": "bus ant"},
    "unseen": {"cat0": "cat dish", "cat1": "cat dish", "dish0": "cat dish"},
    "unseen_plus_seen": {
        "cat0": "ant cat dish bus", "cat1": "cat ant bus dish", "dish0": "bus cat ant dish"
    },
    "seen_among_unseen": {
        "ant0": "ant cat bus", "ant1": "cat bus ant", "ant2": "ant bus", "bus0": "dish bus"
    },
}  # fmt: skip
MARGINS = {"ant0": 4 / 8, "ant1": -1 / 8, "ant2": 5 / 8, "bus0": -2 / 8,
           "cat0": 3 / 8, "cat1": -3 / 8, "dish0": 1 / 8}  # fmt: skip
"""How far the best seen label is above the best unseen one."""
CURVE = {
    "penalty": [-np.inf, -3 / 8, -2 / 8, -1 / 8, 1 / 8, 3 / 8, 4 / 8, 5 / 8],
    "seen": [5 / 6, 5 / 6, 1 / 3, 1 / 3, 1 / 3, 1 / 3, 1 / 6, 0],
    "unseen": [0, 1 / 4, 1 / 4, 1 / 4, 1 / 4, 1 / 2, 1 / 2, 1 / 2],
}
BY_HAND = {
    "devise/seen/flat_hit_at_1": 3 / 4,
    "devise/seen/per_class_hit_at_1": (2 / 3 + 1) / 2,
    "devise/seen/hierarchical_precision_at_2": 1.0,
    "devise/seen/hierarchical_precision_at_5": 2 / 5,
    "devise/seen/images": 4.0,
    "devise/seen/classes": 2.0,
    "devise/unseen/flat_hit_at_1": 2 / 3,
    "devise/unseen/per_class_hit_at_1": (1 + 0) / 2,
    # Near a cat is the seen ant.
    "devise/unseen/hierarchical_precision_at_2": 1 / 2,
    "devise/unseen_plus_seen/flat_hit_at_1": 1 / 3,
    "devise/unseen_plus_seen/flat_hit_at_2": 2 / 3,
    "devise/unseen_plus_seen/hierarchical_precision_at_2": (1 + 1 + 1 / 2) / 3,
    "devise/seen_among_unseen/per_class_hit_at_1": (2 / 3 + 0) / 2,
    "devise/unseen_plus_seen/harmonic_mean": 2 / 7,
    "devise/unseen/ausuc": 1 / 2 * 1 / 4 + 1 / 3 * 1 / 2,
    "chance/unseen/flat_hit_at_1": 1 / 2,
    "chance/unseen_plus_seen/hierarchical_precision_at_2": 2 / 4,
    "chance/seen/per_class_hit_at_5": 1.0,
    # Both labels are near, and three of five are missing.
    "chance/seen/hierarchical_precision_at_5": 2 / 5,
    "chance/unseen/hierarchical_precision_at_5": 2 / 5,
    "label_space/without_vector": 1.0,
}


def write_run(folder: Path, curve: Mapping[str, list[float]], cats_term: str = "cat") -> Path:
    """What a run leaves; its figures are those that the script computes, BY_HAND among them."""
    folder.mkdir()
    rows = [
        {"image": image, "truth": image[:-1], "model": "devise", "candidates": candidates,
         "predicted": predicted.split()}
        for candidates, images in RANKED.items() for image, predicted in images.items()
    ]  # fmt: skip
    images = [*RANKED["seen"], *RANKED["unseen"], "bus1"]
    terms = [["ant"], ["bus"], [cats_term], ["dish"]]
    sources = ["first_term", "first_term", "mean", "none"]
    tables = {
        "predictions": pd.DataFrame(rows),
        "candidates": pd.DataFrame(
            [(name, wnid) for name, wnids in SETS.items() for wnid in wnids],
            columns=["set", "wnid"],
        ),
        "edges": pd.DataFrame(EDGES, columns=["a", "b"]),
        "index": pd.DataFrame({"path": images, "wnid": [image[:-1] for image in images]}).assign(
            split=lambda index: np.where(index["path"] == "bus1", "train", "test")
        ),
        "labels": pd.DataFrame({"wnid": [*SEEN, *UNSEEN], "terms": terms}).assign(
            role=["seen", "seen", "unseen", "unseen"], target_source=sources
        ),
        "calibration": pd.DataFrame(curve).assign(model="devise", set="unseen"),
    }
    for name, table in tables.items():
        table.to_parquet(folder / f"{name}.parquet")
    write_figures(folder, {}, {})
    computed: dict[str, dict[str, float]] = {"metrics.json": {}, "without_shared_terms.json": {}}
    for figure in figures_again.figures_again(folder):
        if figure.file in computed and figure.again:
            computed[figure.file][figure.name] = sum(figure.again) / 2
    write_figures(folder, *computed.values())
    return folder


def best_of(image: str, labels: list[str]) -> str:
    """The best of the labels, where all of them compete."""
    ranked = {**RANKED["seen_among_unseen"], **RANKED["unseen_plus_seen"]}[image].split()
    return next((wnid for wnid in ranked if wnid in labels), labels[0])


def write_answers(run: Path) -> None:
    """The best labels with their scores, in two parts, as rank_images leaves them."""
    wnids = sorted([*SEEN, *UNSEEN])
    halves = {"seen": (SEEN, SEEN), "unseen.seen": (SEEN, UNSEEN),
              "seen.unseen": (UNSEEN, SEEN), "unseen": (UNSEEN, UNSEEN)}  # fmt: skip
    files = [("devise", half, f"{half}/devise") for half in halves]
    for number, (first, images) in enumerate([(0, [*MARGINS][:2]), (2, [*MARGINS][2:])]):
        answers = run / "stages" / "rank_images" / f"key{number}" / "answers"
        for half, (classes, labels) in halves.items():
            asked = [image for image in images if image[:-1] in classes]
            places = [wnids.index(best_of(image, labels)) for image in asked]
            scores = [MARGINS[image] if labels is SEEN else 0.0 for image in asked]
            (answers / half).mkdir(parents=True)
            for kind, values in (("places", np.array(places, np.int16)),
                                 ("scores", np.array(scores, np.float32))):  # fmt: skip
                np.save(answers / half / f"devise.{kind}.npy", values[:, None])
        (answers / "answers.json").write_text(json.dumps({"first": first, "answers": files}))
    tasks = [{"task": "rank_images", "key": f"key{number}"} for number in (1, 0)]
    (run / "run.json").write_text(json.dumps({"tasks": tasks}))


def write_figures(folder: Path, metrics: dict[str, float], without: dict[str, float]) -> None:
    (folder / "metrics.json").write_text(json.dumps(metrics))
    (folder / "without_shared_terms.json").write_text(json.dumps(without))


def figures(run: Path, file: str = "metrics.json") -> dict[str, float]:
    return dict(json.loads((run / file).read_text()))


@pytest.fixture(name="run")
def run_with_figures(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", CURVE)


def test_the_figures_are_those_computed_by_hand(run: Path) -> None:
    found = figures(run)
    assert {name: found[name] for name in BY_HAND} == pytest.approx(BY_HAND)
    assert figures(run, "without_shared_terms.json") == {}


def test_without_labels_that_share_a_term_the_other_images_are_left(tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", CURVE, cats_term="ant")
    without = figures(run, "without_shared_terms.json")
    assert without["devise/seen/flat_hit_at_1"] == without["devise/seen/images"] == 1
    assert without["devise/unseen_plus_seen/flat_hit_at_1"] == 0
    assert without["devise/unseen_plus_seen/flat_hit_at_5"] == 1
    # A bus among buses, not ants: dish and bus are near, of the four that are ranked.
    assert without["chance/seen_among_unseen/hierarchical_precision_at_2"] == 2 / 4
    assert without["devise/unseen_plus_seen/harmonic_mean"] == 0
    assert figures_again.main([str(run)]) == 0


def test_a_run_is_confirmed_with_a_row_for_each_kind_of_figure(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figures_again.main([str(run)]) == 0
    printed = capsys.readouterr().out
    assert "| metrics.json: hierarchical precision | 20 | 20 | 20 | 0 | 0 | 0 | 0 |" in printed
    assert "| metrics.json: ausuc | 1 | 1 | 1 |" in printed
    assert "differs" not in printed


def test_a_figure_that_was_changed_is_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "devise/seen/hierarchical_precision_at_5"
    changed = figures(run) | {name: 2 / 5 + 1e-6, "devise/seen/flat_hit_at_1": 0.75 + 1e-12}
    write_figures(run, changed, {})
    assert figures_again.main([str(run)]) == 1
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("differs")]
    assert told == [f"differs: metrics.json: {name}: {2 / 5 + 1e-6!r}, computed again 0.4"]


def test_a_figure_on_one_side_alone_is_named(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    there = figures(run)
    del there["devise/unseen/flat_hit_at_1"]
    more = {"devise_2/unseen/flat_hit_at_1": 0.5, "zero_shot_contaminated": 1.0}
    write_figures(run, there | more, {})
    assert figures_again.main([str(run)]) == 1
    printed = capsys.readouterr().out
    assert "devise/unseen/flat_hit_at_1: not there, computed again 0.6" in printed
    assert "devise_2/unseen/flat_hit_at_1: 0.5, computed again None" in printed
    assert "differs: metrics.json: zero_shot" not in printed


def test_the_area_below_a_curve_of_which_points_were_left_out_lies_within_bounds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    falling = np.linspace(5 / 6, 0, 300)
    rising = 0.5 - falling * 3 / 5
    points = {"penalty": range(300), "seen": falling, "unseen": rising}
    run = write_run(tmp_path / "run", {name: list(of) for name, of in points.items()})
    assert figures_again.main([str(run)]) == 0
    assert "| metrics.json: ausuc | 1 | 1 | 0 | 0 | 1 |" in capsys.readouterr().out
    # The area is that of a triangle, 5/24, and a step of the curve is a 299th of both sides.
    write_figures(run, figures(run) | {"devise/unseen/ausuc": 5 / 24 * (1 + 1.1 / 299)}, {})
    assert figures_again.main([str(run)]) == 1
    assert "differs: metrics.json: devise/unseen/ausuc: 0.209" in capsys.readouterr().out


def test_a_curve_that_does_not_end_at_the_rankings_hits_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = write_run(tmp_path / "run", {**CURVE, "unseen": [0.0] * 7 + [0.4]})
    assert figures_again.main([str(run)]) == 1
    assert "calibration.parquet: devise/unseen/end_unseen: 0.4" in capsys.readouterr().out


def test_with_the_scores_the_area_is_that_below_every_point(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_answers(run)
    few = pd.read_parquet(run / "calibration.parquet").iloc[[0, 4, 7]]
    few.to_parquet(run / "calibration.parquet")
    assert figures_again.main([str(run)]) == 0
    few.assign(seen=[5 / 6, 1 / 3 + 1e-6, 0]).to_parquet(run / "calibration.parquet")
    assert figures_again.main([str(run)]) == 1
    assert "devise/unseen/seen at penalty 0.125: 0.33333433" in capsys.readouterr().out


def test_several_runs_get_a_line_each(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = write_run(run.parent / "other", CURVE)
    write_figures(other, figures(other) | {"devise/seen/images": 5.0}, {})
    assert figures_again.main([str(run), str(other)]) == 1
    rows = capsys.readouterr().out.splitlines()
    assert [row.split(" | ")[0] for row in rows[2:4]] == [f"| {run}", f"| {other}"]
    assert rows[4] == (
        f"differs: {other}: metrics.json: devise/seen/images: 5.0, computed again 4.0"
    )


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda table: table[1:], "rankings of 3 images by devise among seen; index.parquet has 4"),
        (lambda table: pd.concat([table, table[:1]]), "devise among seen of ant0 twice"),
        (lambda table: table[:0], "has no ranking"),
        (lambda table: table.assign(truth="bus"), "of ant0 as one of bus; index.parquet says ant"),
        (lambda table: table.assign(image="bus1"), "of bus1, which is no test image"),
        (
            lambda table: table.assign(predicted=[["cat"], *table["predicted"][1:]]),
            "of ant0 with a label that is no candidate",
        ),
    ],
)  # fmt: skip
def test_rankings_that_are_not_those_of_the_test_images_are_refused(
    run: Path, change: object, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = run / "predictions.parquet"
    assert callable(change)
    change(pd.read_parquet(file)).to_parquet(file)
    assert figures_again.main([str(run)]) == 1
    assert told in capsys.readouterr().err


def test_a_folder_without_a_run_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert figures_again.main([str(tmp_path)]) == 1
    assert "is missing: give the folder of a finished run" in capsys.readouterr().err


def test_it_imports_nothing_of_the_project() -> None:
    tree = ast.parse(Path(figures_again.__file__).read_text())
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
    }
    assert imported - set(sys.stdlib_module_names) == {"numpy", "pandas", "pyarrow"}
