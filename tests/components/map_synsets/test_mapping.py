import json
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from support.settings import changed, unchecked
from twins.synset_ranking import rank_one

from components.map_synsets.glosses import gloss_vectors, less_common
from components.map_synsets.label_vectors import read_label_vectors
from components.map_synsets.mapping import (
    build_label_space,
    random_twin,
    random_words,
    write_labels,
)
from components.shared.artifacts.label_space import (
    LabelSpace,
    members,
    read_label_space,
    read_words,
    target_rows,
    targets,
    unit_norm,
)
from components.shared.artifacts.taxonomy import Taxonomy
from components.shared.artifacts.word_vectors import (
    vectors_folder,
    write_counts,
    write_word2vec_binary,
)
from components.shared.ranking.nearest_labels import candidate_terms, rank_synsets
from components.shared.settings.labels import LabelsSettings
from components.shared.synset_vectors import vocabulary

TERMS = {
    "n00000001": ("crane", "derrick"),
    "n00000002": ("Crane", "bird"),
    "n00000003": ("head", "chief"),
    "n00000004": ("principal", "head"),
    "n00000005": ("Great White", "nothing"),
    "n00000006": ("never said",),
    "n00000007": ("rare", "shark"),
}
EDGES = [("n00000006", "n00000001"), ("n00000006", "n00000007")]
SEEN, UNSEEN = [*list(TERMS)[:4], "n00000007"], list(TERMS)[4:6]
WORDS = ["crane", "bird", "head", "chief", "principal", "great", "white", "shark", "rare", "the"]
COUNTS = {word: 2 if word == "rare" else 50 for word in WORDS}


def word_vectors(dim: int = 6) -> np.ndarray:
    return np.random.default_rng(0).standard_normal((len(WORDS), dim)).astype(np.float32)


def build(
    config: LabelsSettings | None = None,
    seen: Sequence[str] = SEEN,
    unseen: Sequence[str] = UNSEEN,
    order: Collection[int] | None = None,
) -> LabelSpace:
    order = range(len(WORDS)) if order is None else order
    words = vocabulary([WORDS[i] for i in order], word_vectors()[list(order)], COUNTS, 5)
    taxonomy = Taxonomy(TERMS, EDGES, "tree")
    sets = {"unseen": unseen}
    return build_label_space(config or LabelsSettings(), taxonomy, seen, unseen, sets, words)


def test_every_label_gets_the_target_that_the_paper_defines() -> None:
    space = build()
    table = space.labels.set_index("wnid")
    assert table["target_source"].to_dict() == {
        "n00000001": "first_term",
        "n00000002": "first_term",
        "n00000003": "first_term",
        "n00000004": "first_term",
        "n00000005": "mean",
        "n00000006": "none",
        "n00000007": "synonym",
    }
    assert table.loc["n00000007", "target_term"] == "shark"
    assert table.loc["n00000006", "target_row"] == -1
    assert space.facts["without_vector"] == ["n00000006"]
    assert space.facts["target_sources"] == {
        "first_term": 4, "synonym": 1, "mean": 1, "mean_of_terms": 0, "gloss": 0,
        "neighbours": 0, "file": 0, "none": 1,
    }  # fmt: skip


def test_target_rows_point_at_the_target_terms() -> None:
    space = build()
    for label in space.labels.itertuples():
        if label.target_row >= 0:
            assert space.terms["term"][label.target_row] == label.target_term
    shared = target_rows(space, ["n00000001", "n00000002"])
    assert shared[0] == shared[1]


def test_crane_and_head_lead_to_their_synsets_in_the_fixed_order() -> None:
    table = build().terms.set_index("term")["wnids"]
    assert table["crane"] == ["n00000001", "n00000002"]
    assert table["head"] == ["n00000003", "n00000004"]
    assert table["great_white"] == ["n00000005"]
    assert "rare" not in table
    assert "nothing" not in table


def test_the_label_space_does_not_depend_on_the_order_of_its_inputs() -> None:
    space = build()
    rng = np.random.default_rng(3)
    shuffled = build(seen=SEEN[::-1], unseen=UNSEEN[::-1], order=rng.permutation(len(WORDS)))
    for name in ("labels", "candidates", "terms"):
        pd.testing.assert_frame_equal(getattr(space, name), getattr(shuffled, name))
    assert (space.vectors == shuffled.vectors).all()
    assert (random_twin(space, 1).vectors == random_twin(shuffled, 1).vectors).all()


def test_ranking_through_the_table_equals_the_plain_twin() -> None:
    space = build()
    unit = dict(zip(space.terms["term"], space.vectors, strict=True))
    firsts = {
        wnid: terms[0] for wnid, terms in zip(space.labels.wnid, space.labels.terms, strict=True)
    }
    table = []
    for row in space.terms.itertuples():
        first = {wnid for wnid in row.wnids if firsts[wnid] == row.term}
        table.append((row.term, unit[row.term], first, set(row.wnids) - first))
    queries = np.random.default_rng(1).standard_normal((20, 6)).astype(np.float32)
    for name in ("seen", "unseen", "unseen_plus_seen", "seen_among_unseen"):
        wnids = members(space, name)
        ranked = rank_synsets(queries, candidate_terms(space, wnids), k=20)
        for query, row in zip(queries, ranked, strict=True):
            assert [w for w in row if w] == rank_one(query, table, set(wnids), 20, 80)


def test_a_label_without_a_vector_is_a_candidate_that_is_never_ranked() -> None:
    space = build()
    assert "n00000006" in members(space, "unseen")
    ranked = rank_synsets(np.ones((1, 6)), candidate_terms(space, members(space, "unseen")), k=2)
    assert list(ranked[0]) == ["n00000005", None]


def test_the_random_twin_differs_in_its_vectors_alone() -> None:
    space = build()
    twin = random_twin(space, 7)
    assert twin.labels is space.labels
    assert twin.terms is space.terms
    assert twin.facts["kind"] == "random"
    assert np.linalg.norm(twin.vectors, axis=1) == pytest.approx(
        np.ones(len(twin.vectors)), rel=1e-5
    )
    assert (twin.vectors == random_twin(space, 7).vectors).all()
    assert (twin.vectors != random_twin(space, 8).vectors).any()


def test_vectors_have_unit_norm_and_rows_stand_by_term_text() -> None:
    space = build()
    assert np.linalg.norm(space.vectors, axis=1) == pytest.approx(
        np.ones(len(space.vectors)), rel=1e-5
    )
    assert list(space.terms["term"]) == sorted(space.terms["term"])
    assert space.vectors.dtype == np.float32


def test_the_mean_of_terms_makes_a_row_of_its_own_for_each_synset() -> None:
    space = build(unchecked(LabelsSettings, target="mean_of_terms"))
    table = space.labels.set_index("wnid")
    assert table.loc["n00000002", "target_term"] == "crane#n00000002"
    assert table.loc["n00000002", "target_source"] == "mean_of_terms"
    assert table.loc["n00000005", "target_source"] == "mean"
    assert len(space.terms) == 6
    words = dict(zip(WORDS, unit_norm(word_vectors()), strict=True))
    expected = unit_norm((words["crane"] + words["bird"]) / 2)
    assert targets(space, ["n00000002"])[0] == pytest.approx(expected, abs=1e-5)


def test_the_centre_is_the_mean_of_the_seen_targets_alone() -> None:
    plain, centred = build(), build(unchecked(LabelsSettings, centred=True))
    centre = targets(plain, SEEN).mean(axis=0)
    assert centred.facts["centre"] == pytest.approx(centre.tolist(), abs=1e-5)
    assert centred.vectors == pytest.approx(unit_norm(plain.vectors - centre), abs=1e-5)
    assert plain.facts["centre"] is None


def written(
    tmp_path: Path, classes: dict[str, bool] | None = None, config: LabelsSettings | None = None
) -> tuple[dict[str, float], Path, Path]:
    folders = {name: tmp_path / name for name in ("taxonomy", "words", "images")}
    for folder in folders.values():
        folder.mkdir()
    synsets = {"wnid": list(TERMS), "terms": [list(terms) for terms in TERMS.values()]}
    pd.DataFrame(synsets).to_parquet(folders["taxonomy"] / "synsets.parquet")
    pd.DataFrame({"a": ["x"], "b": ["y"]}).to_parquet(folders["taxonomy"] / "edges.parquet")
    (folders["taxonomy"] / "taxonomy.json").write_text(json.dumps({"hierarchy": "tree"}))
    write_word2vec_binary(folders["words"] / "vectors.bin", WORDS, word_vectors())
    write_counts(folders["words"] / "counts.parquet", COUNTS)
    (folders["words"] / "skipgram.json").write_text('{"quality": {}}')
    if config and config.dim:
        shutil.copytree(folders["words"], folders["words"] / f"dim_{config.dim}")
        wide = vectors_folder(folders["words"], config.dim)
        write_word2vec_binary(wide / "vectors.bin", WORDS, word_vectors(config.dim))
    classes = classes or {wnid: wnid in SEEN for wnid in TERMS}
    frame = pd.DataFrame({"wnid": list(classes), "seen": list(classes.values())})
    frame.assign(train=1, validation=1, test=1).to_parquet(folders["images"] / "classes.parquet")
    settings = config or LabelsSettings()
    inputs = folders["taxonomy"], folders["words"], folders["images"]
    metrics = write_labels(settings, *inputs, tmp_path / "space")
    for vectors in ("random", "random_per_synset", "random_words"):
        write_labels(changed(settings, vectors=vectors), *inputs, tmp_path / vectors)
    return metrics, tmp_path / "space", tmp_path / "random"


def test_learned_and_random_label_spaces_are_written_with_their_words_and_counts(
    tmp_path: Path,
) -> None:
    metrics, folder, random_folder = written(tmp_path)
    assert metrics["labels"] == 7
    assert metrics["labels_none"] == 1
    assert metrics["labels_first_term"] == 4
    space, random_space = read_label_space(folder), read_label_space(random_folder)
    pd.testing.assert_frame_equal(space.terms, random_space.terms)
    assert space.vectors == pytest.approx(build().vectors, abs=1e-5)
    words = read_words(folder)
    assert list(words.words["term"]) == WORDS
    assert np.float32(words.vectors) == pytest.approx(unit_norm(word_vectors()), abs=1e-3)
    assert list(read_words(random_folder).words["term"]) == list(space.terms["term"])


def test_a_variant_may_have_word_vectors_of_its_own_dimensions(tmp_path: Path) -> None:
    _, folder, random_folder = written(tmp_path, config=unchecked(LabelsSettings, dim=9))
    space, words = read_label_space(folder), read_words(folder)
    assert space.facts["dim"] == space.vectors.shape[1] == words.vectors.shape[1] == 9
    assert read_label_space(random_folder).vectors.shape[1] == 9


def test_words_are_centred_as_the_labels_are(tmp_path: Path) -> None:
    _, folder, _ = written(tmp_path, config=unchecked(LabelsSettings, centred=True))
    space, words = read_label_space(folder), read_words(folder)
    crane = space.vectors[list(space.terms["term"]).index("crane")]
    assert np.float32(words.vectors[WORDS.index("crane")]) == pytest.approx(crane, abs=1e-3)


def test_terms_that_several_labels_have_are_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, folder, _ = written(tmp_path)
    labels = read_label_space(folder).labels
    cranes = sorted(labels["wnid"][labels["target_term"] == "crane"])
    assert len(cranes) > 1
    assert read_label_space(folder).facts["shared_terms"]["crane"] == cranes
    assert f"no vector tells apart: crane: {', '.join(cranes)}" in capsys.readouterr().out


def test_pairs_of_a_seen_and_an_unseen_label_that_share_a_term_are_listed_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    roles = {wnid: wnid != "n00000002" for wnid in TERMS}
    _, folder, random_folder = written(tmp_path, classes=roles)
    pair = {"seen": "n00000001", "unseen": "n00000002", "terms": ["crane"]}
    assert read_label_space(folder).facts["pairs_sharing_terms"] == [pair]
    assert read_label_space(random_folder).facts["pairs_sharing_terms"] == [pair]
    assert "crane: crane (n00000001) and crane (n00000002)" in capsys.readouterr().out


def test_a_class_that_the_taxonomy_does_not_have_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="n99999999, which is not in the taxonomy"):
        written(tmp_path, classes={"n00000001": True, "n99999999": True})


def test_retrofitting_gives_every_label_near_others_a_vector_of_its_own() -> None:
    space = build(unchecked(LabelsSettings, target="mean_of_terms", retrofitting=0.5, centred=True))
    sources = space.labels.set_index("wnid")["target_source"]
    assert sources["n00000006"] == "neighbours"
    assert set(sources.drop("n00000006")) == {"mean_of_terms", "mean"}
    assert np.linalg.norm(space.vectors, axis=1) == pytest.approx(np.ones(7), abs=1e-5)
    assert [list(wnids) for wnids in space.terms["wnids"]] == [
        [wnid] for wnid in space.labels.sort_values("target_row")["wnid"]
    ]
    assert space.facts["without_vector"] == []


def test_retrofitting_leaves_vectors_without_neighbours_as_they_were() -> None:
    plain = build(unchecked(LabelsSettings, target="mean_of_terms"))
    fitted = build(unchecked(LabelsSettings, target="mean_of_terms", retrofitting=0.5))
    alone = ["n00000002", "n00000003", "n00000004", "n00000005"]
    assert targets(fitted, alone) == pytest.approx(targets(plain, alone), abs=1e-5)
    assert targets(fitted, ["n00000001"]) != pytest.approx(targets(plain, ["n00000001"]), abs=0.1)


def test_random_vectors_per_synset_have_a_row_each_for_the_labels_that_words_reach(
    tmp_path: Path,
) -> None:
    written(tmp_path)
    words = read_label_space(tmp_path / "space")
    space = read_label_space(tmp_path / "random_per_synset")
    with_words = words.labels["target_row"] >= 0
    assert (with_words == (space.labels["target_row"] >= 0)).all()
    assert not with_words.all()
    rows = space.labels[with_words]
    assert sorted(rows["target_row"]) == list(range(len(space.terms)))
    assert list(rows["target_term"]) == [
        f"{terms[0]}#{wnid}" for wnid, terms in zip(rows["wnid"], rows["terms"], strict=True)
    ]
    assert (space.facts["kind"], space.facts["vectors"]) == ("random", "random_per_synset")
    assert np.linalg.norm(space.vectors, axis=1) == pytest.approx(np.ones(6), rel=1e-5)
    means = build(unchecked(LabelsSettings, target="mean_of_terms"))
    assert (space.terms["term"] == means.terms["term"]).all()
    assert (space.vectors == random_twin(means, LabelsSettings().seed).vectors).all()


def test_random_words_go_the_way_of_words(tmp_path: Path) -> None:
    options = unchecked(LabelsSettings, target="mean_of_terms", retrofitting=0.5, centred=True)
    written(tmp_path, config=options)
    words = read_label_space(tmp_path / "space")
    space = read_label_space(tmp_path / "random_words")
    drawn = vocabulary(WORDS, random_words(WORDS, 6, options.seed), COUNTS, 5)
    sets = {"unseen": UNSEEN}
    taxonomy = Taxonomy(TERMS, [("x", "y")], "tree")
    wanted = build_label_space(options, taxonomy, SEEN, UNSEEN, sets, drawn)
    assert space.vectors == pytest.approx(wanted.vectors, abs=1e-6)
    assert (space.vectors != words.vectors).any()
    pd.testing.assert_frame_equal(space.labels, words.labels)
    pd.testing.assert_frame_equal(space.terms, words.terms)
    assert (space.facts["kind"], space.facts["vectors"]) == ("random", "random_words")
    assert list(read_words(tmp_path / "random_words").words["term"]) == WORDS


def test_a_words_random_vector_does_not_depend_on_the_order_of_words() -> None:
    order = np.random.default_rng(0).permutation(len(WORDS))
    shuffled = random_words([WORDS[place] for place in order], 6, 3)
    assert (random_words(WORDS, 6, 3)[order] == shuffled).all()
    assert (random_words(WORDS, 6, 4) != random_words(WORDS, 6, 3)).any()


def with_glosses(tmp_path: Path, **values: Any) -> LabelsSettings:
    """Settings with a gloss of one synset that has terms and of one that has no vector."""
    (tmp_path / "gloss.txt").write_text("n00000001\tthe bird\nn00000006\ta white shark\n")
    return unchecked(LabelsSettings, glosses_uri=f"{tmp_path}/gloss.txt", **values)


def test_glosses_are_added_where_a_synset_has_one_vector(tmp_path: Path) -> None:
    config = with_glosses(tmp_path, target="mean_of_terms", glosses_weight=0.5)
    metrics, folder, _ = written(tmp_path, config=config)
    assert (metrics["labels_gloss"], metrics["labels_none"]) == (1, 0)
    space = read_label_space(folder)
    assert space.facts["glosses"] == 2
    words = less_common(vocabulary(WORDS, word_vectors(), COUNTS, 5))
    told = gloss_vectors({"n00000001": "the bird", "n00000006": "a white shark"}, words)
    own = unit_norm(words.vector("crane") + 0.5 * told["n00000001"])
    found = targets(space, ["n00000001", "n00000006"])
    assert found == pytest.approx(np.stack([own, told["n00000006"]]), abs=1e-5)
    assert np.float32(read_words(folder).vectors) == pytest.approx(words.vectors, abs=1e-3)


@pytest.mark.parametrize("others", [{"target": "first_term"}, {"glosses_weight": 0.0}])
def test_first_terms_and_a_weight_of_zero_have_no_glosses(
    tmp_path: Path, others: dict[str, Any]
) -> None:
    config = with_glosses(tmp_path, **{"target": "mean_of_terms", **others})
    _, folder, _ = written(tmp_path, config=config)
    space = read_label_space(folder)
    assert space.facts["glosses"] == 0
    assert space.vectors == pytest.approx(build(config).vectors, abs=1e-5)


def test_random_words_have_no_glosses(tmp_path: Path) -> None:
    written(tmp_path, config=with_glosses(tmp_path, target="mean_of_terms"))
    assert read_label_space(tmp_path / "random_words").facts["glosses"] == 0
    assert read_label_space(tmp_path / "random_per_synset").facts["glosses"] == 2


def from_file(tmp_path: Path, **values: Any) -> LabelsSettings:
    """Settings with a file of vectors for all synsets but one, of other dimensions than words."""
    vectors = np.random.default_rng(1).standard_normal((len(TERMS) - 1, 3)).astype(np.float32)
    np.savez(tmp_path / "given.npz", wnids=list(TERMS)[1:], vectors=vectors)
    given = {"vectors_uri": f"{tmp_path}/given.npz", "vectors_trained_on": "text"}
    return unchecked(LabelsSettings, **given, **values)


def test_a_file_of_vectors_stands_in_place_of_the_words(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    metrics, folder, random_folder = written(tmp_path, config=from_file(tmp_path))
    assert (metrics["labels_file"], metrics["labels_none"]) == (6, 1)
    assert "map_synsets: no vector for n00000001" in capsys.readouterr().out
    space, words = read_label_space(folder), read_words(folder)
    given = np.load(tmp_path / "given.npz")
    own = targets(space, list(given["wnids"]))
    assert own == pytest.approx(unit_norm(given["vectors"]), abs=1e-6)
    assert sorted(space.terms["wnids"]) == [[wnid] for wnid in list(TERMS)[1:]]
    facts = space.facts
    assert (facts["kind"], facts["vectors_trained_on"], facts["quality"]) == ("file", "text", {})
    assert facts["dim"] == words.vectors.shape[1] == 3
    assert {"crane", "great_white", "nothing"} <= set(words.words["term"])
    twin = read_label_space(random_folder)
    pd.testing.assert_frame_equal(twin.labels, space.labels)
    assert twin.facts["kind"] == read_label_space(tmp_path / "random_words").facts["kind"]


def test_vectors_of_a_file_are_retrofitted_and_centred_as_words_are(tmp_path: Path) -> None:
    config = from_file(tmp_path, retrofitting=0.5, centred=True)
    given = read_label_vectors(config.vectors_uri, TERMS)
    taxonomy = Taxonomy(TERMS, EDGES, "tree")
    space = build_label_space(config, taxonomy, SEEN, UNSEEN, {}, given)
    sources = space.labels.set_index("wnid")["target_source"]
    assert sources["n00000001"] == "neighbours"
    assert set(sources.drop("n00000001")) == {"file"}
    assert space.facts["centre"] is not None
