from typing import Any

import pytest

from components.shared.settings.table import defaults
from components.shared.settings.together import check_all, check_one_machine

GIVEN = {
    "taxonomy_uri": "t",
    "corpus_uris": ["c"],
    "images_uri": "i",
    "images_unseen": ["n01443537"],
}
GIVEN_VECTORS = {"labels_vectors_uri": "v.npz", "labels_vectors_trained_on": "text"}
SAW = "labels_vectors_trained_on=images_and_text"


def test_defaults_are_allowed_once_the_inputs_are_given() -> None:
    check_all({**defaults(), **GIVEN})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"visual_input_size": 300}, "visual_input_size is 300, larger than visual_resize"),
        ({"labels_retrofitting": 0.5}, "set labels_target=mean_of_terms too"),
        (
            {"devise_variants": ["devise_near: labels_retrofitting=0.5"]},
            "set labels_target=mean_of_terms too",
        ),
        (
            {"devise_variants": ["a: skipgram_dim=9"], "skipgram_pretrained_uri": "v"},
            r"sets skipgram_dim=9, but the vectors of skipgram_pretrained_uri have 500",
        ),
        ({"devise_variants": ["a: skipgram_epochs=9"]}, "labels_ or skipgram_dim can differ"),
        ({"labels_vectors_uri": "v.npz"}, "labels_vectors_trained_on is none and labels_vectors_"),
        ({"labels_vectors_trained_on": "text"}, "give both, text or images_and_text with the file"),
        (
            {**GIVEN_VECTORS, "labels_vectors_trained_on": "images_and_text"},
            "devise has labels_vec",
        ),
        (
            {"devise_variants": [f"devise_clip: {SAW} labels_vectors_uri=v.npz"]},
            "devise_clip has labels_vectors_trained_on=images_and_text: .* only variants whose nam",
        ),
        (
            {**GIVEN_VECTORS, "devise_variants": ["devise_saw_images: devise_margin=0.3"]},
            "devise_saw_images has labels_vectors_trained_on=text",
        ),
        ({"evaluate_zero_shot_sets": ["seen=l"]}, "the name 'seen' is taken by the training"),
        (
            {"evaluate_zero_shot_sets": ["seen_among_own=l"]},
            "'seen_among_own' begins as the training classes",
        ),
        ({"evaluate_zero_shot_sets": ["2-hop", "2-hop=l"]}, "name '2-hop' is taken already"),
        ({"images_classes": ["n02124075"]}, "n01443537, which images_classes leaves out"),
        ({"images_classes": ["n01443537"]}, "holds out every class"),
        ({"evaluate_penalties": ["devise=0.1", "devise=0.2"]}, "names devise twice"),
        ({"evaluate_penalties": ["devise=-1e999"]}, "has 'devise=-1e999', which is beyond the lar"),
        ({"evaluate_penalties": ["softmax=0.1"]}, "names softmax, which is no model that scores"),
        ({"evaluate_penalties": ["devise_phase_1=0.1"]}, "names devise_phase_1, which is no model"),
        ({"evaluate_penalties": ["best=0.1"]}, "names best, which is no model that scores"),
        ({"images_unseen": []}, "images_unseen is empty: name the classes"),
        ({"corpus_uris": [f"s3://b/{part}" for part in range(151)]}, "name many files by one pat"),
        ({"skipgram_learning_rate": 1e-5}, "skipgram_minimum_learning_rate is larger"),
    ],
)
def test_values_that_do_not_go_together_are_refused(values: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        check_all({**GIVEN, **values})


def test_label_vectors_of_a_file_are_the_runs_or_a_variants_and_may_be_retrofitted() -> None:
    clip = f"devise_saw_images_clip: {SAW} labels_vectors_uri=v.npz labels_retrofitting=0.5"
    check_all({**GIVEN, **GIVEN_VECTORS, "labels_retrofitting": 0.5, "devise_variants": [clip]})


def test_a_penalty_may_be_of_a_variant_a_baseline_or_the_main_model() -> None:
    names = ("devise", "random", "conse", "conse_l2", "exem_best", "l2")
    penalties = [f"{name}=-0.5" for name in names]
    check_all({**GIVEN, "devise_variants": ["l2: devise_loss=l2"], "evaluate_penalties": penalties})


def test_classes_of_a_zero_shot_split_alone_can_be_the_unseen_ones() -> None:
    check_all({**GIVEN, "images_unseen": [], "images_zero_shot_splits": ["fall11"]})


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"visual_nodes": 2}, "visual_nodes is 2"),
        ({"devise_nodes": 3}, "devise_nodes is 3"),
        ({"devise_variants": ["wide: devise_nodes=4"]}, "devise_nodes is 4"),
    ],
)
def test_several_nodes_are_refused_on_one_machine(values: Any, said: str) -> None:
    with pytest.raises(ValueError, match=f"{said}, and several nodes take a cluster with Kubeflow"):
        check_one_machine({**defaults(), **values})
    check_one_machine(defaults())
