import json
from pathlib import Path

import pytest

from components.open_run.description import run_sources, run_tags
from components.open_run.sources import source_states
from components.shared.settings.presets import values_of


@pytest.fixture
def values(tmp_path: Path) -> dict[str, object]:
    (tmp_path / "text.txt").write_text("a text")
    names = ("words.txt", "imagenet.structure.txt", "an_image.jpg")
    for name in names:
        (tmp_path / name).write_text(name)
    given = {
        "taxonomy_uri": str(tmp_path),
        "corpus_uris": [str(tmp_path / "text.txt")],
        "images_uri": str(tmp_path),
        "skipgram_pretrained_uri": "",
        "evaluate_zero_shot_sets": [],
    }
    return {**values_of("tiny_imagenet", []), **given}


def test_a_run_says_what_it_reads_and_from_which_code(
    values: dict[str, object], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_GIT_COMMIT", "abc")
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("LOGNAME", "anna")
    tags = run_tags("tiny_imagenet", values)  # type: ignore[arg-type]
    assert tags["git_commit"] == tags["mlflow.source.git.commit"] == "abc"
    assert (tags["mlflow.source.type"], tags["mlflow.user"]) == ("LOCAL", "anna")
    assert f"| images_uri | `{tmp_path}` |" in tags["mlflow.note.content"]


def test_on_a_cluster_it_is_a_job_and_nobodys_name_is_known(
    values: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DEVISE_RUN_DIR", raising=False)
    tags = run_tags("tiny_imagenet", values)  # type: ignore[arg-type]
    assert tags["mlflow.source.type"] == "JOB"
    assert "mlflow.user" not in tags


def test_no_secret_is_shown(values: dict[str, object], tmp_path: Path) -> None:
    uri = "https://me:hunter2@host/images"
    assert "hunter2" not in str(run_tags("quickstart", {**values, "images_uri": uri}))  # type: ignore[dict-item]
    (source,) = run_sources({"images": {uri: "1 file, 6 bytes, " + "0" * 32}})
    assert "hunter2" not in str(source)


def test_a_source_is_listed_with_a_digest_that_changes_with_it(
    values: dict[str, object], tmp_path: Path
) -> None:
    def text() -> tuple[str, str, str]:
        (found,) = [s for s in run_sources(source_states(values)) if s.context == "corpus"]
        return found.name, found.digest, found.profile

    before = text()
    assert before[0] == "text.txt"
    assert json.loads(before[2]) == {"content": "1 file", "size": "6 bytes"}
    (tmp_path / "text.txt").write_text("another text")
    assert text()[1] != before[1]
    assert len(before[1]) <= 36
