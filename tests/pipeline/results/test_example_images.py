import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from support.experiment import SEEN, UNSEEN, write_images

from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from pipeline.model import load_model
from pipeline.results.example_images import example_images, examples_beside


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


def test_a_damaged_shard_is_named_where_the_index_has_checksums(run: Path) -> None:
    image = example_images(run)[0]
    shard = Path(image.shard)
    content = bytearray(shard.read_bytes())
    content[image.offset + image.length // 2] ^= 1
    shard.write_bytes(content)
    named = f"The shard {shard} is damaged, its image {image.path} is not"
    with pytest.raises(ValueError, match=re.escape(named)):
        image.read()
    assert example_images(run)[1].read()
    unknown = replace(image, checksum="")
    assert unknown.read() == content[image.offset :][: image.length]


def test_without_validation_images_they_are_test_images(run: Path) -> None:
    index = pd.read_parquet(run / "index.parquet")
    index[index["split"] != "validation"].to_parquet(run / "index.parquet")
    assert {image.path.split("/")[0] for image in example_images(run)} == {"test"}


def test_a_model_without_images_has_none(tmp_path: Path) -> None:
    assert example_images(tmp_path) == []


def test_a_model_in_a_run_has_a_few_of_either_role_and_one_elsewhere_none(
    run: Path, model_run: Path, tmp_path: Path
) -> None:
    model = load_model(model_run)
    (run / "devise_model").symlink_to(model_run / "devise_model")
    for address in (run, run / "devise_model"):
        assert examples_beside(str(address), model) == example_images(run)
    for elsewhere in (str(model_run / "devise_model"), "models:/devise@champion"):
        assert examples_beside(elsewhere, model) == []


def test_examples_are_spread_over_the_classes(
    run: Path, model_run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.results.example_images.SHOWN_OF_EACH_ROLE", 2)
    found = [image.wnid for image in examples_beside(str(run), load_model(model_run))]
    assert found == [SEEN[0], SEEN[2], UNSEEN[0], UNSEEN[2]]
