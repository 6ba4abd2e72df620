from pathlib import Path

import pytest
import torch
from support.colours import numbered, write_weights
from support.settings import changed, unchecked

from components.pretrain_visual.start import first_model, with_classes
from components.shared.networks.visual_model import VisualConfig, VisualModel, build, save
from components.shared.settings.visual import VisualSettings

CONFIG = unchecked(
    VisualSettings,
    architecture="small_resnet18",
    input_size=32,
    resize=32,
    crop_scale=0.6,
    epochs=3,
)
CLASSES = numbered(1, 2, 3)


def network(*classes: int) -> VisualModel:
    torch.manual_seed(3)
    return build(VisualConfig("small_resnet18", numbered(*classes), 32, 32))


@pytest.fixture(name="before")
def model_of_two_epochs(tmp_path: Path) -> Path:
    save(network(1, 2, 3), tmp_path / "before", [{"epoch": 1}, {"epoch": 2}])
    return tmp_path / "before"


def test_fresh_weights_follow_from_the_seed_and_are_no_candidate() -> None:
    one, same, other = (
        first_model(changed(CONFIG, training_seed=seed), CLASSES) for seed in (0, 0, 1)
    )
    assert not one.trained
    assert torch.equal(one.model.classifier.weight, same.model.classifier.weight)
    assert not torch.equal(one.model.classifier.weight, other.model.classifier.weight)


def test_no_epoch_of_fresh_weights_is_refused() -> None:
    with pytest.raises(ValueError, match="visual_epochs is 0 and visual_pretrained is empty"):
        first_model(changed(CONFIG, epochs=0), CLASSES)


def test_training_on_with_the_same_seed_draws_other_crops(before: Path) -> None:
    start = first_model(CONFIG, CLASSES, before)
    assert (start.trained, start.epochs) == (True, 2)


def test_a_start_of_other_classes_is_refused(before: Path) -> None:
    with pytest.raises(ValueError, match="has 3 classes, which are not the 3 seen classes"):
        first_model(CONFIG, numbered(1, 2, 4), before)


def test_a_start_goes_before_pretrained_weights(before: Path) -> None:
    start = first_model(changed(CONFIG, pretrained="nowhere"), CLASSES, before)
    assert torch.equal(start.model.classifier.weight, network(1, 2, 3).classifier.weight)


def test_a_seen_class_that_untrained_weights_lack_is_refused(tmp_path: Path) -> None:
    weights, classes = write_weights(tmp_path / "weights", numbered(1, 3))
    config = changed(CONFIG, epochs=0, pretrained=str(weights), pretrained_classes_uri=str(classes))
    with pytest.raises(ValueError, match="has no output for n00000002"):
        first_model(config, CLASSES)


def test_pretrained_weights_say_what_they_knew(tmp_path: Path) -> None:
    weights, classes = write_weights(tmp_path / "weights", numbered(1, 2, 3, 9))
    config = changed(
        CONFIG,
        pretrained=str(weights),
        pretrained_classes_uri=str(classes),
        allow_unseen_overlap=True,
    )
    start = first_model(config, CLASSES, unseen=numbered(9))
    assert start.trained
    assert start.model.config.pretrained_classes == numbered(1, 2, 3, 9)
    assert start.model.config.zero_shot_contaminated
    assert start.model.config.crop_scale == 0.6


def test_a_classifier_of_other_classes_keeps_the_rows_it_knows(
    capsys: pytest.CaptureFixture[str],
) -> None:
    old = network(1, 2, 3)
    new = with_classes(old, numbered(3, 7, 1))
    assert torch.equal(new.classifier.weight[[0, 2]], old.classifier.weight[[2, 0]])
    assert torch.equal(new.classifier.bias[[0, 2]], old.classifier.bias[[2, 0]])
    assert new.trunk is old.trunk
    assert "1 of 3 seen classes have fresh outputs" in capsys.readouterr().out
