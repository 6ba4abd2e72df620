from pathlib import Path
from types import SimpleNamespace

import pytest
from support.crews import ALONE, CREW

from components.shared.execution.stage_run import StageRun
from components.shared.nodes.crew import Crew, work_together
from components.shared.settings.visual import VisualSettings


def run_of(config: VisualSettings, folder: Path) -> StageRun:
    (folder / "image_index").mkdir()
    (folder / "image_index" / "index").write_text("images")
    index, model = (
        SimpleNamespace(path=str(folder / name), metadata={}) for name in ("image_index", "model")
    )
    inputs, outputs = {"image_index": index}, {"visual_model": model}
    return StageRun("pretrain_visual", "v", config, inputs, outputs, str(folder / "checkpoints"))


def test_one_process_does_the_work_by_itself(tmp_path: Path) -> None:
    run = run_of(VisualSettings(processes=1), tmp_path)
    assert work_together(CREW, run) == {"ranks": 1, "rank": 0}
    assert (tmp_path / "model" / "copy").read_text() == "images"


def test_several_nodes_are_asked_of_the_cluster(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KFP_POD_NAME", raising=False)
    with pytest.raises(ValueError, match="visual_nodes is 2, and here is no cluster"):
        work_together(CREW, run_of(VisualSettings(nodes=2), tmp_path))


@pytest.mark.parametrize("crew", [ALONE])
def test_work_that_cannot_be_shared_is_one_process_s(crew: Crew, tmp_path: Path) -> None:
    run = run_of(VisualSettings(nodes=2, processes=3), tmp_path)
    assert work_together(crew, run) == {"ranks": 1, "rank": 0}
