import shlex
import shutil
import sys
from pathlib import Path

import pandas as pd
import pytest

from components.shared.images.index import read_index
from components.shared.images.shards import ImageStore
from pipeline.cli import main
from pipeline.results.next_command import next_commands


@pytest.fixture
def output(model_run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder of a finished run, beside its images."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "runs" / "my run"
    folder.mkdir(parents=True)
    (folder / "devise_model").symlink_to(model_run / "devise_model")
    shutil.copy(model_run / "devise_model" / "label_space" / "labels.parquet", folder)
    shutil.copy(model_run / "image_index" / "index.parquet", folder)
    index = read_index(folder)
    for row, path in enumerate(index["path"]):
        file = tmp_path / "images" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(ImageStore(index).read(row))
    return folder


def given(command: str) -> list[str]:
    python, script, *arguments = shlex.split(command)
    assert (python, script.endswith("pipeline.py")) == (sys.executable, True)
    return arguments


def test_it_labels_an_image_of_a_seen_class_then_one_of_an_unseen_with_words_of_that_world(
    output: Path,
) -> None:
    seen, unseen, page, tables = map(given, next_commands(output, "images"))
    model = ["--model", "runs/my run"]
    assert seen == ["predict", "images/validation/n00000002/0.JPEG", *model]
    words = "crane,teapot,blue shark"
    assert unseen == ["predict", "images/test/n00000005/0.JPEG", *model, "--labels", words]
    assert page == ["demo", *model]
    assert tables == ["results", model[1], "--format", "text"]


@pytest.mark.parametrize("images_uri", ["images", "s3://devise/images"])
def test_its_commands_run(
    output: Path, images_uri: str, capsys: pytest.CaptureFixture[str]
) -> None:
    for command in next_commands(output, images_uri)[:2]:
        assert main(given(command)) == 0
        assert len(capsys.readouterr().out.splitlines()) == 4


def test_an_image_without_a_file_of_its_own_is_copied_out_of_what_was_packed(output: Path) -> None:
    _, unseen, *_ = map(given, next_commands(output, "s3://devise/images"))
    assert unseen[1] == "runs/my run/examples/n00000005.jpg"
    own = Path("images/test/n00000005/0.JPEG").read_bytes()
    assert Path(unseen[1]).read_bytes() == own


def test_where_no_image_shows_what_the_words_name_another_is_taken(output: Path) -> None:
    index = pd.read_parquet(output / "index.parquet")
    named = ["n00000002", "n00000003", "n00000005", "n00000006"]
    index[~index["wnid"].isin(named)].to_parquet(output / "index.parquet")
    seen, unseen, *_ = map(given, next_commands(output, "images"))
    assert (seen[1], unseen[1]) == (
        "images/validation/n00000001/0.JPEG",
        "images/test/n00000007/0.JPEG",
    )


def test_without_unseen_classes_there_is_one_image(output: Path) -> None:
    index = pd.read_parquet(output / "index.parquet")
    index[index["seen"]].to_parquet(output / "index.parquet")
    assert [given(command)[0] for command in next_commands(output, "images")] == [
        *("predict", "demo", "results"),
    ]


def test_a_path_elsewhere_is_written_in_full(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(output)
    _, image, *_ = given(next_commands(output, str(tmp_path / "images"))[0])
    assert image == str(tmp_path / "images" / "validation/n00000002/0.JPEG")
