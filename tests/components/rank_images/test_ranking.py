from pathlib import Path

import numpy as np
import pytest
from support.experiment import Experiment, ranked
from support.settings import unchecked

from components.rank_images.ranking import part_of
from components.shared.artifacts.answers import read_answers
from components.shared.settings.evaluate import EvaluateSettings

CONFIG = unchecked(EvaluateSettings, precision="fp32", conse_top=3)


@pytest.mark.parametrize("images", [1, 35, 128, 129, 1000])
@pytest.mark.parametrize("parts", [1, 3, 7])
def test_parts_are_blocks_of_whole_batches_that_hold_every_image_once(
    images: int, parts: int
) -> None:
    found = [part_of(images, part, parts, 16) for part in range(parts)]
    assert [image for part in found for image in part] == [*range(images)]
    assert all(part.start % 16 == 0 for part in found if part)
    batches = [-(-len(part) // 16) for part in found]
    assert max(batches) - min(batches) <= 1


def test_a_part_without_images_has_an_artifact_too(experiment: Experiment, tmp_path: Path) -> None:
    one = ranked(CONFIG, experiment.given, experiment.taxonomy, tmp_path / "one")
    two = ranked(CONFIG, experiment.given, experiment.taxonomy, tmp_path / "two", parts=2)
    assert [file.name for file in two.answers[0].iterdir()] == ["answers.json"]
    whole, halves = (read_answers(each.answers, 35).rankings for each in (one, two))
    assert set(whole) == set(halves)
    for key, packed in whole.items():
        assert np.array_equal(halves[key].places, packed.places)
        assert np.array_equal(halves[key].cosines, packed.cosines)
