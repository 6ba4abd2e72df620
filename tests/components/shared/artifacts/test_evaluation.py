from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from components.shared.artifacts.candidate_sets import CandidateSet
from components.shared.artifacts.evaluation import (
    COSINES_FILE,
    NO_MODELS,
    PREDICTIONS_FILE,
    Answers,
    Cosines,
    after_phase_2,
    baselines_of,
    check_variants,
    conse_over,
    eszsl_over,
    exem_over,
    is_phase_1,
    order_by_name,
    phase_1_of,
    read_evaluation,
    read_metrics,
    table_order,
    write_curves,
    write_figures,
    write_predictions,
)

FRAME = pd.DataFrame({"path": ["a", "b", "c"], "wnid": ["n1", "n2", "n3"]})
SETS = [
    CandidateSet("seen", "seen", ("n1", "n2"), frozenset(), np.array([True, True, False])),
    CandidateSet("my_set", "my_set", ("n3",), frozenset(), np.array([False, False, True])),
    CandidateSet("my_set_plus_seen", "my_set", (), frozenset(), np.array([False, False, True])),
]
MODELS = ("softmax", "devise")
CURVES = pd.DataFrame(
    {"model": "devise", "set": "my_set", "penalty": [-np.inf, 0.5], "seen": 0.5, "unseen": [0.0, 1]}
)


def ranking(*wnids: str) -> list[str | None]:
    return [*wnids, *[None] * (20 - len(wnids))]


def answers() -> Answers:
    seen = np.array([ranking("n1", "n2"), ranking()], dtype=object)
    alone = np.array([ranking("n3")], dtype=object)
    return {
        (model, one.name): seen if one.name == "seen" else alone for model in MODELS for one in SETS
    }


def cosines() -> Cosines:
    """DeViSE's; the softmax has none."""
    found = {key: np.full(ranked.shape, np.nan, np.float32) for key, ranked in answers().items()}
    for (model, _), values in found.items():
        if model == "devise":
            values[0, :1] = 0.12345
    return found


def written(folder: Path) -> Path:
    write_predictions(folder, answers(), MODELS, SETS, FRAME, cosines())
    write_figures(
        folder, {"devise/seen/images": 2.0}, {"samples": 9}, {"models": list(MODELS)}, {"a": 0.5}
    )
    write_curves(folder, CURVES)
    return folder


def test_rows_are_written_and_read_back_so_many_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = read_evaluation(written(tmp_path / "whole"))
    monkeypatch.setattr("components.shared.artifacts.evaluation.ROWS_TOGETHER", 1)
    found = read_evaluation(written(tmp_path / "single"))
    for file in (PREDICTIONS_FILE, COSINES_FILE):
        rows, before = (pq.ParquetFile(tmp_path / of / file) for of in ("single", "whole"))
        assert rows.read().equals(before.read())
        groups = range(rows.num_row_groups)
        assert {rows.metadata.row_group(group).num_rows for group in groups} == {1}
    for key in answers():
        assert (found.answers[key] == whole.answers[key]).all()


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    found = read_evaluation(written(tmp_path))
    assert list(found.answers) == [(model, one.name) for one in SETS for model in MODELS]
    for key, rankings in answers().items():
        assert found.answers[key].shape == rankings.shape
        assert (found.answers[key] == rankings).all()
    for key, near in cosines().items():
        assert np.allclose(found.cosines[key], near, atol=5e-4, equal_nan=True)
    assert dict(found.images) == {"seen": ["a", "b"], "my_set": ["c"], "my_set_plus_seen": ["c"]}
    assert found.metrics == read_metrics(tmp_path) == {"devise/seen/images": 2.0}
    assert found.confidence == {"samples": 9}
    assert found.without == {"a": 0.5}
    assert found.curves.equals(CURVES)
    assert found.models == MODELS
    assert found.zero_shot_sets == ["my_set"]


def test_rankings_are_read_when_they_are_asked_for_and_nothing_else_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[tuple[int, list[str]]] = []

    def noted(file: pq.ParquetFile, number: int, names: list[str] | None = None) -> pa.Table:
        table = read_row_group(file, number, names)
        read.append((number, table.column_names))
        return table

    read_row_group = pq.ParquetFile.read_row_group
    monkeypatch.setattr(pq.ParquetFile, "read_row_group", noted)
    found = read_evaluation(written(tmp_path))
    assert ("devise", "my_set") in found.answers
    assert (found.zero_shot_sets, read) == (["my_set"], [])
    assert found.answers["devise", "my_set"][0, 0] == "n3"
    assert found.cosines["devise", "seen"].shape == (2, 20)
    assert found.images["my_set_plus_seen"] == ["c"]
    assert read == [(3, ["predicted"]), (1, ["cosines"]), (4, ["image"])]


def test_a_ranking_of_several_row_groups_is_read_whole(tmp_path: Path) -> None:
    written(tmp_path)
    for name in (PREDICTIONS_FILE, COSINES_FILE):
        pq.write_table(pq.read_table(tmp_path / name), tmp_path / name, row_group_size=1)
    found = read_evaluation(tmp_path)
    assert (found.answers["devise", "seen"] == answers()["devise", "seen"]).all()
    assert found.cosines["devise", "seen"].shape == (2, 20)
    assert found.images["seen"] == ["a", "b"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    (written(tmp_path) / "confidence.json").unlink()
    with pytest.raises(ValueError, match=r"no whole evaluation: confidence\.json is missing"):
        read_evaluation(tmp_path)


def test_the_name_of_a_model_says_whether_phase_2_is_still_to_come() -> None:
    assert is_phase_1(phase_1_of("devise_l2"))
    assert not is_phase_1("devise_l2")
    assert after_phase_2(phase_1_of("devise_l2")) == after_phase_2("devise_l2") == "devise_l2"


def test_a_phase_1_follows_its_model_and_variants_stand_between_devise_and_random() -> None:
    answered = {
        *("conse_best", "conse", "random", "random_phase_1", "devise_best_phase_1", "devise_best"),
        *("devise_l2", "devise", "softmax_continued", "softmax", "softmax_hierarchy", "dgp"),
        *("eszsl", "exem_best", "exem_best_calibrated", "exem", "conse_hierarchy"),
    }
    assert table_order(answered, ["devise_l2", "devise_best"]) == (
        *("softmax", "softmax_continued", "softmax_hierarchy", "devise", "devise_l2"),
        *("devise_best", "devise_best_phase_1", "random", "random_phase_1"),
        *("conse", "conse_best", "conse_hierarchy", "exem", "exem_best", "eszsl", "dgp"),
        "exem_best_calibrated",
    )


def test_variants_on_random_vectors_stand_behind_the_random_twin() -> None:
    answered = ["conse", "random", "random_best", "devise", "devise_l2", "random_best_phase_1"]
    assert table_order(answered, ["random_best", "devise_l2"]) == (
        *("devise", "devise_l2", "random", "random_best", "random_best_phase_1", "conse"),
    )


def test_without_the_variants_order_models_stand_kind_by_kind_and_by_name() -> None:
    ordered = [
        *("softmax", "softmax_continued", "softmax_hierarchy", "devise", "devise_phase_1"),
        *("any", "devise_best", "devise_best_no_text", "devise_l2", "random", "random_best"),
        *("conse", "conse_best", "conse_hierarchy", "exem", "exem_best", "eszsl", "dgp"),
        *("devise_best_calibrated", "exem_calibrated", "conse_of_no_variant", "chance"),
    ]
    assert order_by_name(sorted(ordered)) == ordered
    assert order_by_name(["conse", "softmax"]) == ["softmax", "conse"]


def test_a_baseline_over_the_vectors_of_a_variant_has_the_end_of_its_name() -> None:
    assert [over("devise") for over in (conse_over, exem_over, eszsl_over)] == [
        *("conse", "exem", "eszsl")
    ]
    assert exem_over("devise_best") == "exem_best"
    assert eszsl_over("best") == "eszsl_best"


def test_a_model_is_tested_against_the_baselines_that_are_there() -> None:
    there = ["softmax", "devise", "devise_l2", "devise_l2_phase_1", "random", "conse", "exem"]
    assert baselines_of("devise", there) == ["softmax", "random", "conse", "exem"]
    assert baselines_of("devise_l2", there) == [
        *("softmax", "random", "conse", "exem", "devise", "devise_l2_phase_1"),
    ]


def test_a_variant_is_tested_against_what_has_its_options_or_its_vectors() -> None:
    own = ["random_best", "devise_best_no_text", "conse_best", "exem_best", "eszsl_best"]
    assert baselines_of("devise_best", own) == own
    assert baselines_of("devise_l2", own) == []


@pytest.mark.parametrize(
    ("variants", "taken"),
    [
        (["devise_l2", "devise_l2"], "devise_l2"),
        (["softmax"], "softmax"),
        (["devise_phase_1"], "devise_phase_1"),
        (["devise_best", "best"], "conse_best"),
        (["dgp"], "dgp"),
        (["softmax_hierarchy"], "softmax_hierarchy"),
        *(([name], name) for name in NO_MODELS),
    ],
)
def test_names_that_two_models_would_have_are_refused(variants: list[str], taken: str) -> None:
    with pytest.raises(ValueError, match=f"would be called '{taken}'"):
        check_variants(variants)
