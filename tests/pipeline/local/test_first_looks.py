import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from components.shared.settings.table import defaults
from pipeline.local.first_looks import look_into_inputs

WNIDS = ["n00000001", "n00000002"]


@pytest.fixture
def values(tmp_path: Path) -> dict[str, Any]:
    """Every setting, of sources that are there."""
    (tmp_path / "words.txt").write_text("".join(f"{wnid}\tterm {wnid}\n" for wnid in WNIDS))
    (tmp_path / "edges.txt").write_text(f"{WNIDS[0]} {WNIDS[1]}\n")
    (tmp_path / "text.txt").write_text("a text")
    (tmp_path / "list.txt").write_text(f"{WNIDS[0]}\n")
    (tmp_path / "images" / "train").mkdir(parents=True)
    given = {
        "taxonomy_uri": str(tmp_path),
        "taxonomy_edges": "edges.txt",
        "corpus_uris": [str(tmp_path / "text.txt")],
        "images_uri": str(tmp_path / "images"),
        "images_ground_truth_uri": str(tmp_path / "list.txt"),
    }
    return {**defaults(), **given}


def test_inputs_that_can_be_read_pass(values: dict[str, Any]) -> None:
    look_into_inputs(values)


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("words.txt", "n00000001\n", r"taxonomy_uri: .*words\.txt, line 1: n00000001 has no terms"),
        ("text.txt", "one\0", r"corpus_uris: .*text\.txt, line 1: this is no UTF-8 text"),
        ("list.txt", "one two\n", r"images_ground_truth_uri: .*list\.txt, line 1: 'two' is no wn"),
        ("images/train/1.tar.gz", "", r"images_uri: .*1\.tar\.gz is compressed: decompress it to"),
    ],
)
def test_what_cannot_be_read_is_refused_by_parameter_and_file(
    values: dict[str, Any], tmp_path: Path, file: str, content: str, message: str
) -> None:
    (tmp_path / file).write_text(content)
    with pytest.raises(ValueError, match=message):
        look_into_inputs(values)


@pytest.mark.parametrize("of", ["labels_vectors_uri", "devise_variants"])
def test_label_vectors_of_no_kind_that_is_read_are_refused_by_parameter_and_file(
    values: dict[str, Any], tmp_path: Path, of: str
) -> None:
    file = tmp_path / "text.txt"
    given: dict[str, Any] = {
        "labels_vectors_uri": str(file),
        "devise_variants": [f"a: labels_vectors_uri={file}"],
    }
    with pytest.raises(ValueError, match=rf"{of}: .*text\.txt is neither parquet nor npz"):
        look_into_inputs({**values, of: given[of]})


def test_glosses_that_are_none_are_refused_by_parameter_and_file(
    values: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "gloss.txt").write_text("shark: a fish\n")
    given = {**values, "labels_glosses_uri": f"{tmp_path}/gloss.txt"}
    with pytest.raises(ValueError, match=r"labels_glosses_uri: .*gloss\.txt, line 1 is not a wnid"):
        look_into_inputs(given)


def test_no_network_is_loaded_for_it(project: Path) -> None:
    code = "import pipeline.local.first_looks, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=project, check=False).returncode == 0
