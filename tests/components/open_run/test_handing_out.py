import json
from typing import Any

from components.open_run.component import open_run
from components.open_run.handing_out import Opened, hand_out
from components.shared.settings.baselines import BaselinesSettings
from components.shared.settings.devise import DeviseSettings
from components.shared.settings.labels import LabelsSettings
from components.shared.settings.parameter import read
from components.shared.settings.table import defaults

STATES: dict[str, dict[str, str]] = {
    "taxonomy": {"t/words.txt": "1 file"},
    "corpus": {"c": "2 files"},
    "skipgram": {},
    "images": {"i": "3 files"},
    "visual": {},
    "labels": {"s3://b/list": "1 file", "s3://b/v.npz": "4 files"},
}


def handed(gpus: int = 0, visual_gpus: int = 0, **values: Any) -> Opened:
    given = {"taxonomy_uri": "t", "corpus_uris": ["c"], "images_uri": "i"}
    return hand_out({**defaults(), **given, **values}, STATES, gpus, visual_gpus)


def model(opened: Opened, name: str) -> tuple[LabelsSettings, DeviseSettings]:
    (found,) = (one for one in opened.models if one["variant"] == name)
    labels = read(LabelsSettings, json.loads(found["labels"]))
    return labels, read(DeviseSettings, json.loads(found["devise"]))


def test_the_face_returns_what_is_handed_out() -> None:
    assert list(open_run.component_spec.outputs) == ["run", *Opened._fields]


def test_the_models_are_the_papers_its_random_twin_and_the_variants() -> None:
    opened = handed(devise_variants=["best: labels_centred=true devise_margin=1", "devise_l2"])
    assert [one["variant"] for one in opened.models] == ["devise", "random", "best", "devise_l2"]
    labels, devise = model(opened, "best")
    assert (labels.centred, devise.margin, devise.model_name) == (True, 1.0, "best")
    labels, devise = model(opened, "random")
    assert (labels.vectors, devise.margin, devise.model_name) == ("random", 0.1, "random")
    assert model(opened, "devise")[0].vectors == "skipgram"


def test_without_variants_there_are_still_models_to_loop_over() -> None:
    assert [one["variant"] for one in handed(devise_variants=[]).models] == ["devise", "random"]


def test_models_with_equal_labels_are_handed_equal_texts_of_them() -> None:
    opened = handed(devise_variants=["devise_l2: devise_loss=l2"])
    devise, random, l2 = (one["labels"] for one in opened.models)
    assert devise == l2 != random


def test_a_variants_own_dimensions_are_trained_besides_and_its_labels_know_where_they_lie() -> None:
    wide = ["wide: skipgram_dim=1000", "wide_random: skipgram_dim=1000 labels_vectors=random"]
    opened = handed(devise_variants=[*wide, "same: skipgram_dim=500"])
    assert (opened.skipgram["dim"], opened.skipgram["further_dims"]) == (500, [1000])
    dims = {one["variant"]: json.loads(one["labels"])["dim"] for one in opened.models}
    assert dims == {"devise": 0, "random": 0, "wide": 1000, "wide_random": 1000, "same": 0}
    assert handed().skipgram["further_dims"] == []


def test_each_stage_is_handed_the_state_of_what_it_reads() -> None:
    listed = ["unseen", "mine=s3://b/list"]
    given = "given: labels_vectors_uri=s3://b/v.npz"
    opened = handed(evaluate_zero_shot_sets=listed, devise_variants=[given])
    assert opened.taxonomy["sources"] == STATES["taxonomy"]
    assert opened.images["sources"] == STATES["images"]
    assert opened.corpora == [{"uri": "c", "state": "2 files"}]
    assert model(opened, "devise")[0].sources == {"s3://b/list": "1 file"}
    assert model(opened, "given")[0].sources == STATES["labels"]


def test_the_labels_stage_is_handed_the_state_of_glosses() -> None:
    opened = handed(labels_glosses_uri="s3://b/v.npz")
    assert model(opened, "devise")[0].sources == {"s3://b/v.npz": STATES["labels"]["s3://b/v.npz"]}


def test_evaluate_is_told_what_variants_change_without_what_an_address_keeps_secret() -> None:
    signed = "given: labels_vectors_uri=https://h/v.npz?signature=abc labels_centred=true"
    opened = handed(devise_variants=[signed])
    assert model(opened, "given")[0].vectors_uri == "https://h/v.npz?signature=abc"
    (told,) = opened.evaluate["variants"]
    assert told.startswith("given: labels_vectors_uri=https://h/v.npz")
    assert "abc" not in told
    assert told.endswith(" labels_centred=true")


def test_what_is_packed_does_not_depend_on_which_classes_are_unseen() -> None:
    one, other = (handed(images_unseen=[wnid]) for wnid in ("n00000001", "n00000002"))
    assert one.packing == other.packing
    assert one.packing == {**one.images, "unseen": []}


def test_another_training_seed_is_handed_to_stages_with_a_network_alone() -> None:
    one, other = handed()._asdict(), handed(training_seed=1)._asdict()
    changed = {name for name in one if one[name] != other[name]}
    assert changed == {
        *("visual", "continued_visual", "embed", "models", "baselines", "evaluate"),
    }
    labels = [[model["labels"] for model in opened["models"]] for opened in (one, other)]
    assert labels[0] == labels[1]


def test_baselines_know_which_labels_are_ranked_and_which_terms_are_rare() -> None:
    sets = ["2-hop", "birds=s3://b/list"]
    opened = handed(evaluate_zero_shot_sets=sets, labels_minimum_count=7)
    settings = read(BaselinesSettings, opened.baselines)
    assert (settings.set_names, settings.minimum_count) == (("2-hop", "birds"), 7)


def test_other_unseen_classes_are_handed_to_the_index_alone() -> None:
    one, other = handed()._asdict(), handed(images_unseen=["n00000001"])._asdict()
    assert {name for name in one if one[name] != other[name]} == {"images"}


def test_where_a_split_is_for_zero_shot_tests_alone_packing_knows_the_unseen() -> None:
    opened = handed(images_unseen=["n00000001"], images_zero_shot_splits=["fall11"])
    assert opened.packing == opened.images


def test_more_text_changes_nothing_of_what_the_tasks_of_the_other_texts_are_handed() -> None:
    one, more = (
        handed(),
        hand_out(
            {**defaults(), "taxonomy_uri": "t", "images_uri": "i", "corpus_uris": ["c", "d"]},
            {**STATES, "corpus": {"c": "2 files", "d": "1 file"}},
        ),
    )
    assert one.corpus == more.corpus
    assert one.corpora == more.corpora[:1]


def test_the_continued_softmax_trains_as_long_as_phase_2_at_its_own_rate_on_whole_crops() -> None:
    opened = handed(
        devise_phase_2_epochs=7, visual_continued_learning_rate=0.5, visual_patience=3,
        visual_half_size_epochs=5,
    )  # fmt: skip
    wanted = {
        "epochs": 7, "half_size_epochs": 0, "learning_rate": 0.5, "warmup_epochs": 0.0,
        "patience": 0,
    }  # fmt: skip
    assert opened.continued_visual == {**opened.visual, **wanted}


def test_only_a_model_whose_network_is_trained_asks_for_gpus() -> None:
    opened = handed(gpus=2, devise_variants=["rough: devise_phase_2_epochs=0"])
    asked = {one["variant"]: one["gpus"] for one in opened.models}
    assert asked == {"devise": "2", "random": "2", "rough": "0"}


def test_a_task_whose_work_nodes_do_asks_for_no_gpu() -> None:
    opened = handed(gpus=2, visual_gpus=4, devise_variants=["wide: devise_nodes=2"])
    asked = {one["variant"]: one["gpus"] for one in opened.models}
    assert (opened.visual_gpus, asked) == ("4", {"devise": "2", "random": "2", "wide": "0"})
    assert handed(visual_gpus=4, visual_nodes=2).visual_gpus == "0"


def test_as_many_views_are_embedded_as_the_model_reads_that_reads_most() -> None:
    opened = handed(
        devise_phase_1_views=2,
        devise_variants=["more: devise_phase_1_views=7", "fewer: devise_phase_1_views=1"],
        images_store_uri="s3://b/images",
    )
    assert (opened.embed["views"], opened.embed["store_uri"]) == (7, "s3://b/images")
