from pathlib import Path

import numpy as np
import pytest
from support.colours import write_index

from components.pretrain_visual.parts import read_parts


def test_images_of_seen_classes_come_with_the_numbers_of_their_classes(tmp_path: Path) -> None:
    parts = read_parts(write_index(tmp_path / "index"))
    assert parts.classes == ("n1", "n2", "n3")
    assert parts.unseen == ("n9",)
    assert parts.train.labels.tolist() == np.repeat([0, 1, 2], 9).tolist()
    assert parts.validation.labels.tolist() == np.repeat([0, 1, 2], 4).tolist()
    assert (len(parts.train.store), len(parts.validation.store)) == (27, 12)


@pytest.mark.parametrize("split", ["train", "validation"])
def test_an_index_without_images_of_a_part_is_refused(tmp_path: Path, split: str) -> None:
    folder = write_index(tmp_path / "index", n1=split, n2=split, n3=split)
    with pytest.raises(ValueError, match=f"has no {split} image of a seen class"):
        read_parts(folder)


def test_a_class_that_is_validated_on_but_not_trained_on_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="has validation images of n2 and none to train on"):
        read_parts(write_index(tmp_path / "index", n2="train"))
