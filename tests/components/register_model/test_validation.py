from pathlib import Path

import pytest
from support.experiment import EDGES, SEEN
from twins import hierarchical as twin

from components.register_model.registration import Inputs
from components.register_model.validation import Validation, read_validation, validation_score
from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from components.shared.ranking.labeller import read_labeller


def read(inputs: Inputs, metric: str) -> Validation:
    return read_validation(inputs.taxonomy, inputs.image_index, inputs.devise_model, metric)


def test_models_are_compared_on_the_validation_images_of_the_seen_labels(inputs: Inputs) -> None:
    validation = read(inputs, "hierarchical_precision_at_5")
    assert validation.k == 5
    assert validation.candidates.members == tuple(SEEN)
    assert validation.candidates.images.all()
    assert validation.frame.groupby("wnid").size().to_dict() == dict.fromkeys(SEEN, 3)
    assert set(validation.frame["split"]) == {"validation"}
    for wnid in SEEN:
        near = validation.correct[wnid].members(5)
        assert near == twin.correct_set(EDGES, wnid, set(SEEN), 5)


@pytest.mark.parametrize("metric", ["flat_hit_at_1", "hierarchical_precision_at_5"])
def test_the_score_is_the_mean_over_these_images_alone(inputs: Inputs, metric: str) -> None:
    validation = read(inputs, metric)
    store = ImageStore(validation.frame)
    images = [store.read(row) for row in range(len(store))]
    scores = []
    found = read_labeller(inputs.devise_model).rank(images, k=5)
    for truth, row in zip(validation.frame["wnid"], found, strict=True):
        predicted = [label.wnid or "" for label in row]
        if metric == "flat_hit_at_1":
            scores.append(float(predicted[0] == truth))
        else:
            near = twin.correct_set(EDGES, truth, set(SEEN), 5)
            scores.append(twin.precision(predicted, near, 5))
    mean = sum(scores) / len(scores)
    assert validation_score(inputs.devise_model, validation, "a model") == pytest.approx(mean)


def test_who_waits_reads_which_model_it_is(
    inputs: Inputs, capsys: pytest.CaptureFixture[str]
) -> None:
    validation_score(inputs.devise_model, read(inputs, "flat_hit_at_1"), "champion 3")
    assert "register_model (champion 3): 12 images in " in capsys.readouterr().out


def test_without_a_validation_image_nothing_can_be_compared(inputs: Inputs, tmp_path: Path) -> None:
    index = read_index(inputs.image_index)
    index[index["split"] != "validation"].to_parquet(tmp_path / "index.parquet")
    with pytest.raises(ValueError, match="no validation image: raise images_validation_share"):
        read_validation(inputs.taxonomy, tmp_path, inputs.devise_model, "flat_hit_at_1")
