from pathlib import Path

import numpy as np
import pytest
import torch
from support.experiment import SEEN, WITHOUT_VECTOR, Experiment, write_experiment

from components.shared.artifacts.label_space import Words, read_label_space, read_words
from components.shared.images.batches import centre_batches
from components.shared.images.index import read_index, select
from components.shared.images.shards import ImageStore
from components.shared.networks.devise_model import read_devise_model
from components.shared.ranking.labeller import label_vectors, predict
from components.shared.ranking.rankers import label_ranker

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    return write_experiment(tmp_path_factory.mktemp("experiment"))


@pytest.fixture(scope="module")
def images(experiment: Experiment) -> list[bytes]:
    store = ImageStore(select(read_index(experiment.image_index), split="test", seen=True))
    return [store.read(row) for row in range(len(store))]


@pytest.fixture(scope="module")
def words(experiment: Experiment) -> Words:
    return read_words(experiment.label_space)


def test_the_trained_labels_are_ranked_as_evaluation_ranks_them(
    experiment: Experiment, images: list[bytes]
) -> None:
    model = read_devise_model(experiment.devise_model, CPU)
    frame = select(read_index(experiment.image_index), split="test", seen=True)
    batch = next(iter(centre_batches(ImageStore(frame), model.config.visual.view, 64, CPU)))
    with torch.inference_mode():
        points = model.embed(batch)
    ranked = label_ranker(read_label_space(experiment.label_space), SEEN)(points)
    found = predict(images, experiment.devise_model, k=20, device=CPU)
    assert [[wnid for _, wnid, _ in row] for row in found] == [
        [wnid for wnid in row if wnid] for row in ranked.wnids
    ]


def test_scores_are_cosines_and_fall(experiment: Experiment, images: list[bytes]) -> None:
    for row in predict(images, experiment.devise_model, device=CPU):
        scores = [score for _, _, score in row]
        assert scores == sorted(scores, reverse=True)
        assert all(-1.0001 <= score <= 1.0001 for score in scores)


def test_trained_labels_have_their_first_term_and_wnid(
    experiment: Experiment, images: list[bytes]
) -> None:
    labels = {(label, wnid) for label, wnid, _ in predict(images[:1], experiment.devise_model)[0]}
    assert labels == {
        ("tiger shark", "n00000001"),
        ("crane", "n00000002"),
        ("teapot", "n00000003"),
    }


def test_new_labels_need_no_training(experiment: Experiment, images: list[bytes]) -> None:
    labels = ["Tiger Shark", "whale shark", "teapot"]
    found = predict(images[:2], experiment.devise_model, labels, k=2, device=CPU)
    assert [len(row) for row in found] == [2, 2]
    assert all(label in labels and wnid is None for row in found for label, wnid, _ in row)


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
    experiment: Experiment, images: list[bytes]
) -> None:
    with pytest.raises(ValueError, match="Image 2 cannot be read"):
        predict([images[0], b"no image"], experiment.devise_model, device=CPU)


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no DeViSE model"):
        predict([], tmp_path, device=CPU)


def test_labels_without_a_vector_are_never_given(
    experiment: Experiment, images: list[bytes]
) -> None:
    found = predict(images, experiment.devise_model, k=20, device=CPU)
    assert not {wnid for row in found for _, wnid, _ in row} & set(WITHOUT_VECTOR)
