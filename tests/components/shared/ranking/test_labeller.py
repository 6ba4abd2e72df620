import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from support.experiment import SEEN, WITHOUT_VECTOR, Experiment

from components.shared.artifacts.label_space import Words, read_label_space, read_words
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index, select
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import read_devise_model
from components.shared.ranking.labeller import Labeller, label_vectors, read_labeller
from components.shared.ranking.rankers import label_ranker

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def labeller(experiment: Experiment) -> Labeller:
    return read_labeller(experiment.devise_model, CPU)


@pytest.fixture(scope="module")
def images(experiment: Experiment) -> list[bytes]:
    store = ImageStore(select(read_index(experiment.image_index), split="test", seen=True))
    return [store.read(row) for row in range(len(store))]


@pytest.fixture(scope="module")
def words(experiment: Experiment) -> Words:
    return read_words(experiment.label_space)


def test_the_trained_labels_are_ranked_as_evaluation_ranks_them(
    experiment: Experiment, labeller: Labeller, images: list[bytes]
) -> None:
    model = read_devise_model(experiment.devise_model, CPU)
    frame = select(read_index(experiment.image_index), split="test", seen=True)
    batch = next(iter(centre_batches(ImageStore(frame), model.config.visual.view, 64, CPU)))
    with torch.inference_mode():
        points = model.embed(batch)
    ranked = label_ranker(read_label_space(experiment.label_space), SEEN)(points)
    found = labeller.rank(images, k=20)
    assert [[label.wnid for label in row] for row in found] == [
        [wnid for wnid in row if wnid] for row in ranked.wnids
    ]


def test_scores_are_cosines_with_the_nearest_term_and_fall(
    labeller: Labeller, images: list[bytes]
) -> None:
    space = labeller.space
    for point, row in zip(labeller.points(images), labeller.rank(images), strict=True):
        scores = [label.cosine for label in row]
        assert scores == sorted(scores, reverse=True)
        for label in row:
            terms = [label.wnid in wnids for wnids in space.terms["wnids"]]
            assert label.cosine == pytest.approx(float((space.vectors[terms] @ point).max()))


def test_trained_labels_have_their_first_term_and_wnid(
    labeller: Labeller, images: list[bytes]
) -> None:
    assert {(label.label, label.wnid, label.seen) for label in labeller.rank(images[:1])[0]} == {
        ("tiger shark", "n00000004", True),
        ("crane", "n00000002", True),
        ("teapot", "n00000003", True),
    }


def test_labels_without_training_images_are_ranked_alone_or_with_the_others(
    labeller: Labeller, images: list[bytes]
) -> None:
    (unseen,) = labeller.rank(images[:1], k=9, candidates="unseen")
    (every,) = labeller.rank(images[:1], k=9, candidates="all")
    assert {(label.wnid, label.seen) for label in unseen} == {
        ("n00000005", False),
        ("n00000006", False),
    }
    assert {label.wnid for label in every if label.seen} == set(SEEN) - set(WITHOUT_VECTOR)
    assert len(every) == 5


def test_a_model_without_unseen_labels_says_what_it_has(
    experiment: Experiment, images: list[bytes], tmp_path: Path
) -> None:
    shutil.copytree(experiment.devise_model, tmp_path / "model")
    file = tmp_path / "model" / "label_space" / "labels.parquet"
    labels = pd.read_parquet(file)
    labels[labels["role"] == "seen"].to_parquet(file)
    model = read_labeller(tmp_path / "model", CPU)
    with pytest.raises(ValueError, match="among 'unseen': choose seen or all"):
        model.rank(images[:1], candidates="unseen")


def test_new_labels_need_no_training(labeller: Labeller, images: list[bytes]) -> None:
    labels = ["Tiger Shark", "whale shark", "teapot"]
    found = labeller.rank(images[:2], labels, k=2)
    assert [len(row) for row in found] == [2, 2]
    for label in (label for row in found for label in row):
        assert label.label in labels
        assert label.wnid is None
        assert label.seen == (label.label != "whale shark")


def test_an_image_is_bytes_or_a_path_and_both_are_one(
    labeller: Labeller, images: list[bytes], tmp_path: Path
) -> None:
    (tmp_path / "photo").write_bytes(images[0])
    for path in (tmp_path / "photo", str(tmp_path / "photo")):
        assert labeller.rank([path]) == labeller.rank(images[:1])


def test_the_nearest_words_are_of_the_whole_text(labeller: Labeller, images: list[bytes]) -> None:
    (found,) = labeller.nearest_words(images[:1], k=20)
    assert {"whale", "tiger shark"} < {near.word for near in found}
    (ranked,) = labeller.rank(images[:1], [near.word for near in found], k=20)
    assert [near.word for near in found] == [label.label for label in ranked]


def test_a_list_is_no_longer_than_there_are_labels(labeller: Labeller, images: list[bytes]) -> None:
    assert len(labeller.rank(images[:1], k=10**9)[0]) == 3


def test_a_label_has_the_vector_of_its_whole_term_else_the_mean_of_its_words(words: Words) -> None:
    row = dict(zip(words.words["term"], words.vectors.astype(np.float32), strict=True))
    vectors = label_vectors(["Tiger shark", "whale shark"], words)
    assert vectors[0] == pytest.approx(row["tiger_shark"], abs=2e-3)
    mean = (row["whale"] + row["shark"]) / 2
    assert vectors[1] == pytest.approx(mean / np.linalg.norm(mean), abs=2e-3)


def test_a_word_without_a_vector_is_refused_with_the_nearest_spellings(words: Words) -> None:
    with pytest.raises(ValueError, match=r"'teepot' has no vector.*nearest with one: teapot"):
        label_vectors(["teepot"], words)
    with pytest.raises(ValueError, match=r"'big shark'.*its word 'big' is not known"):
        label_vectors(["big shark"], words)
    with pytest.raises(ValueError, match="nothing is spelt like it"):
        label_vectors(["zzzz"], words)


def test_an_empty_label_is_refused(words: Words) -> None:
    with pytest.raises(ValueError, match="no letter and no digit"):
        label_vectors(["?"], words)


def test_bytes_that_are_no_image_are_refused_by_their_number(
    labeller: Labeller, images: list[bytes]
) -> None:
    with pytest.raises(ValueError, match="Image 2 cannot be read"):
        labeller.rank([images[0], b"no image"])


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no DeViSE model"):
        read_labeller(tmp_path, CPU)


def test_labels_without_a_vector_are_never_given(labeller: Labeller, images: list[bytes]) -> None:
    found = labeller.rank(images, k=20, candidates="all")
    assert not {label.wnid for row in found for label in row} & set(WITHOUT_VECTOR)
