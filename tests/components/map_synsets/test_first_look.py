from pathlib import Path

import numpy as np
import pytest

from components.map_synsets.first_look import look_at_glosses, look_at_label_vectors


def test_label_vectors_that_say_what_they_are_pass(tmp_path: Path) -> None:
    np.savez(tmp_path / "file.npz", wnids=["n00000001"], vectors=np.ones((1, 3)))
    look_at_label_vectors(f"{tmp_path}/file.npz")


def test_what_is_not_there_or_no_label_vectors_is_refused_by_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "file.npz", wnids=["n00000001"], vectors=np.ones(3))
    with pytest.raises(ValueError, match=r"file.npz has no numbers \[n, dim\]"):
        look_at_label_vectors(f"{tmp_path}/file.npz")
    with pytest.raises(ValueError, match="nowhere"):
        look_at_label_vectors(f"{tmp_path}/nowhere")


def test_a_broken_line_of_glosses_is_found_before_a_run_starts(tmp_path: Path) -> None:
    file = tmp_path / "gloss.txt"
    file.write_text("n00000001\ta fish\n")
    look_at_glosses(str(file))
    file.write_text("n00000001\ta fish\na fish\n")
    with pytest.raises(ValueError, match="line 2 is not a wnid"):
        look_at_glosses(str(file))
