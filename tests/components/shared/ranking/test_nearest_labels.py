from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd
import pytest
import torch
from support.waiting import waits
from twins.synset_ranking import Row, rank_one

from components.shared.artifacts.label_space import LabelSpace
from components.shared.ranking.nearest_labels import (
    CandidateTerms,
    candidate_terms,
    rank_positions,
    rank_synsets,
    terms_of,
)


def grid_table(
    rng: np.random.Generator, terms: int, synsets: int, dim: int = 3
) -> tuple[list[Row], list[str]]:
    """Vectors in few directions, so that many cosines are exactly equal."""
    wnids = [f"n{number:08d}" for number in range(synsets)]
    table = []
    for number in rng.permutation(terms):
        vector = rng.integers(-1, 2, dim).astype(np.float32)
        vector[0] += 2 * (vector == 0).all()
        chosen = rng.choice(wnids, rng.integers(1, 4), replace=False)
        table.append((f"t{number:04d}", vector, set(chosen[:1]), set(chosen[1:])))
    return table, wnids


def built(table: Sequence[Row], candidates: Collection[str]) -> CandidateTerms:
    rows = [(term, vector, sorted(first) + sorted(other)) for term, vector, first, other in table]
    return terms_of(rows, candidates)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("k", "nearest"), [(20, 80), (5, 20), (3, 4), (1, 1)])
def test_ranking_equals_its_plain_twin_also_where_cosines_tie(
    seed: int, k: int, nearest: int
) -> None:
    rng = np.random.default_rng(seed)
    table, wnids = grid_table(rng, terms=120, synsets=60)
    candidates = set(rng.choice(wnids, 40, replace=False))
    queries = rng.standard_normal((25, 3)).astype(np.float32)
    ranked = rank_synsets(queries, built(table, candidates), k, nearest)
    for query, row in zip(queries, ranked, strict=True):
        expected = rank_one(query, table, candidates, k, nearest)
        assert [wnid for wnid in row if wnid is not None] == expected
        assert all(wnid is None for wnid in row[len(expected) :])


def test_ranking_equals_its_plain_twin_on_vectors_in_many_dimensions() -> None:
    rng = np.random.default_rng(1)
    wnids = [f"n{number:08d}" for number in range(300)]
    table = [
        (f"t{number}", rng.standard_normal(32).astype("f4"), {wnids[number]}, {wnids[number - 1]})
        for number in range(300)
    ]
    queries = rng.standard_normal((10, 32)).astype(np.float32)
    ranked = rank_synsets(queries, built(table, set(wnids)))
    for query, row in zip(queries, ranked, strict=True):
        assert list(row) == rank_one(query, table, set(wnids), 20, 80)


def test_the_order_of_the_table_does_not_matter() -> None:
    rng = np.random.default_rng(2)
    table, wnids = grid_table(rng, terms=90, synsets=50)
    queries = rng.standard_normal((20, 3)).astype(np.float32)
    shuffled = [table[number] for number in rng.permutation(len(table))]
    expected = rank_synsets(queries, built(table, wnids))
    assert (rank_synsets(queries, built(shuffled, wnids[::-1])) == expected).all()


def test_blocks_give_the_same_as_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    table, wnids = grid_table(rng, terms=90, synsets=50)
    queries = rng.standard_normal((20, 3)).astype(np.float32)
    whole = rank_synsets(queries, built(table, wnids))
    monkeypatch.setattr("components.shared.ranking.nearest_labels._BLOCK_BYTES", 1 << 16)
    assert (rank_synsets(queries, built(table, wnids)) == whole).all()


def test_a_tie_across_the_cut_is_decided_by_term_text() -> None:
    vector = np.array([1.0, 0.0], dtype=np.float32)
    rows = [(f"t{number:03d}", vector, [f"n{number:08d}"]) for number in reversed(range(200))]
    candidates = terms_of(rows, [f"n{number:08d}" for number in range(200)])
    ranked = rank_synsets(np.array([[0.3, 0.7]]), candidates, k=3, nearest=3)
    assert list(ranked[0]) == ["n00000000", "n00000001", "n00000002"]


def test_equal_vectors_tie_exactly_wherever_they_stand() -> None:
    rng = np.random.default_rng(4)
    vectors = rng.standard_normal((500, 77)).astype(np.float32)
    vectors[[3, 250, 499]] = vectors[100]
    rows = [(f"t{n:03d}", vector, [f"n{n:08d}"]) for n, vector in enumerate(vectors)]
    candidates = terms_of(rows, [row[2][0] for row in rows])
    ranked = rank_synsets(vectors[100:101] + np.float32(1e-3), candidates, k=4)
    assert list(ranked[0]) == ["n00000003", "n00000100", "n00000250", "n00000499"]


def test_a_term_expands_to_the_synsets_whose_first_term_it_is_first() -> None:
    crane, bird = np.eye(2, dtype=np.float32)
    rows = [("crane", crane, ["n02", "n01", "n03"]), ("bird", bird, ["n01"])]
    candidates = terms_of(rows, ["n01", "n02", "n03"])
    assert list(rank_synsets(np.array([[1.0, 0.1]]), candidates, k=4)[0]) == [
        "n02", "n01", "n03", None,
    ]  # fmt: skip


def test_cosines_are_those_of_the_term_that_reached_the_synset() -> None:
    rows = [("a", np.array([2.0, 0.0]), ["n1"]), ("b", np.array([0.0, 1.0]), ["n1", "n2"])]
    positions, cosines = rank_positions(np.array([[3.0, 4.0]]), terms_of(rows, ["n1", "n2"]), k=3)
    assert positions.tolist() == [[0, 1, -1]]
    assert cosines[0, :2] == pytest.approx([0.8, 0.8], rel=1e-5)
    assert np.isnan(cosines[0, 2])


def space_of(terms: list[list[str]], wnids: list[str]) -> LabelSpace:
    labels = pd.DataFrame({"wnid": wnids})
    table = pd.DataFrame({"term": ["a", "b"], "wnids": terms})
    return LabelSpace(labels, pd.DataFrame(), table, np.eye(2, dtype=np.float32), {})


def test_candidates_without_a_vector_are_members_that_are_never_ranked() -> None:
    candidates = candidate_terms(space_of([["n1"], ["n3"]], ["n1", "n2", "n3"]), ["n1", "n2"])
    assert candidates.wnids == ("n1", "n2")
    assert candidates.terms == ("a",)
    assert list(rank_synsets(torch.ones(1, 2), candidates, k=2)[0]) == ["n1", None]


def test_no_queries_give_no_rankings() -> None:
    candidates = candidate_terms(space_of([["n1"], ["n2"]], ["n1", "n2"]), ["n1"])
    assert rank_synsets(np.empty((0, 2)), candidates).shape == (0, 20)


def test_what_cannot_be_ranked_is_refused() -> None:
    space = space_of([["n1"], ["n3"]], ["n1", "n2", "n3"])
    with pytest.raises(ValueError, match="n9 is no label"):
        candidate_terms(space, ["n1", "n9"])
    with pytest.raises(ValueError, match="None of the candidate labels has a vector"):
        candidate_terms(space, ["n2"])
    with pytest.raises(ValueError, match=r"shape \[1, 3\]"):
        rank_synsets(np.ones((1, 3)), candidate_terms(space, ["n1"]))
    with pytest.raises(ValueError, match="not finite"):
        rank_synsets(np.array([[np.nan, 1.0]]), candidate_terms(space, ["n1"]))


@pytest.mark.parametrize("nearest", [1, 4, 30])
def test_terms_that_share_vectors_are_taken_in_the_order_of_their_texts(nearest: int) -> None:
    rng = np.random.default_rng(5)
    vectors = rng.standard_normal((8, 5)).astype(np.float32)
    table = [(f"t{n:02d}", vectors[rng.integers(8)], {f"n{n:02d}"}, {"n99"}) for n in range(40)]
    wnids = {f"n{n:02d}" for n in range(100)}
    for query in rng.standard_normal((10, 5)).astype(np.float32):
        (ranked,) = rank_synsets(query[None], built(table, wnids), 20, nearest)
        expected = rank_one(query, table, wnids, 20, nearest)
        assert list(ranked) == [*expected, *[None] * (20 - len(expected))]


def test_candidates_are_prepared_once_a_device() -> None:
    candidates = terms_of([("a", np.array([2.0, 0.0]), ["n1"])], ["n1"])
    assert candidates.on("cpu") is candidates.on(torch.device("cpu"))


@pytest.mark.gpu
def test_a_gpu_is_waited_for_once_a_block() -> None:
    rng = np.random.default_rng(6)
    table, wnids = grid_table(rng, terms=900, synsets=500, dim=16)
    candidates = built(table, wnids)
    queries = torch.from_numpy(rng.standard_normal((50, 16)).astype("f4"))
    expected = rank_synsets(queries, candidates)
    there = queries.cuda()
    found = [rank_synsets(there, candidates, device=there.device)]
    counted = waits(lambda: found.append(rank_synsets(there, candidates, device=there.device)))
    assert counted.total() == 1
    assert all((ranked == expected).all() for ranked in found)
