from pathlib import Path

import pandas as pd
import pytest
from support.experiment import SEEN, UNSEEN, write_images

from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from pipeline.results.example_images import example_images


@pytest.fixture
def run(tmp_path: Path) -> Path:
    write_images(tmp_path / "run")
    return tmp_path / "run"


def test_each_class_has_one_that_no_training_saw_those_trained_on_first(run: Path) -> None:
    found = example_images(run)
    assert [image.wnid for image in found] == [*SEEN, *UNSEEN]
    assert [image.seen for image in found] == [True] * len(SEEN) + [False] * len(UNSEEN)
    splits = [image.path.split("/")[0] for image in found]
    assert splits == ["validation"] * len(SEEN) + ["test"] * len(UNSEEN)


def test_an_image_is_read_out_of_what_the_run_packed(run: Path) -> None:
    index = read_index(run)
    for image in example_images(run):
        (row,) = index.index[index["path"] == image.path]
        assert image.read() == ImageStore(index).read(row)


def test_without_validation_images_they_are_test_images(run: Path) -> None:
    index = pd.read_parquet(run / "index.parquet")
    index[index["split"] != "validation"].to_parquet(run / "index.parquet")
    assert {image.path.split("/")[0] for image in example_images(run)} == {"test"}


def test_a_model_without_images_has_none(tmp_path: Path) -> None:
    assert example_images(tmp_path) == []
