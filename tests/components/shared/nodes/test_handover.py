from pathlib import Path

import pytest
from support.settings import changed

from components.shared.nodes.handover import Given, Handover, Trouble
from components.shared.settings.visual import VisualSettings
from components.shared.storage import store
from components.shared.storage.checkpoint import CheckpointStore

CONFIG = VisualSettings(epochs=3, crop_scale=0.5, nodes=2)


@pytest.fixture(name="given")
def what_a_stage_is_given(tmp_path: Path) -> Given:
    index = tmp_path / "image_index"
    (index / "shards").mkdir(parents=True)
    (index / "index.parquet").write_bytes(b"index")
    (index / "shards" / "one").write_bytes(b"images")
    return Given(CONFIG, {"image_index": index}, tmp_path / "model", CheckpointStore("s3://c/p"))


def test_a_node_is_given_what_the_stage_has(s3: str, given: Given, tmp_path: Path) -> None:
    handover = Handover(s3, "first")
    handover.give(given)
    received = handover.receive(VisualSettings, tmp_path / "node")
    index = received.inputs["image_index"]
    assert (index / "index.parquet").read_bytes() == b"index"
    assert (index / "shards" / "one").read_bytes() == b"images"
    assert received.config == CONFIG
    assert received.checkpoints == given.checkpoints
    assert received.output.name == "model"


def test_inputs_that_are_there_are_not_sent_again(s3: str, given: Given, tmp_path: Path) -> None:
    Handover(s3, "first").give(given)
    shard = f"{s3}/inputs/image_index/shards/one"
    before = [state.mark for state in store.states(shard)]
    again = Given(changed(CONFIG, nodes=4), given.inputs, given.output, given.checkpoints)
    Handover(s3, "second").give(again)
    assert [state.mark for state in store.states(shard)] == before
    assert Handover(s3, "second").receive(VisualSettings, tmp_path / "node").config.nodes == 4


def test_an_input_that_has_changed_on_its_way_is_refused(
    s3: str, given: Given, tmp_path: Path
) -> None:
    handover = Handover(s3, "first")
    handover.give(given)
    (tmp_path / "other").write_bytes(b"other")
    store.upload(tmp_path / "other", f"{s3}/inputs/image_index/index.parquet")
    with pytest.raises(ValueError, match="The input image_index has not arrived as it was handed"):
        handover.receive(VisualSettings, tmp_path / "node")


def test_the_artifact_and_its_figures_come_back(s3: str, tmp_path: Path) -> None:
    handover = Handover(s3, "first")
    assert handover.result() is None
    (tmp_path / "there" / "inner").mkdir(parents=True)
    (tmp_path / "there" / "inner" / "weights").write_bytes(b"weights")
    handover.finish(tmp_path / "there", {"epochs": 3.0})
    handover.take(tmp_path / "here")
    assert (tmp_path / "here" / "inner" / "weights").read_bytes() == b"weights"
    found = handover.result()
    assert found
    assert found["figures"] == {"epochs": 3.0}
    assert Handover(s3, "second").result() is None


def test_an_artifact_that_has_changed_on_its_way_is_refused(s3: str, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "weights").write_bytes(b"weights")
    handover = Handover(s3, "first")
    handover.finish(tmp_path / "there", {})
    store.upload(tmp_path / "there" / "weights", f"{s3}/first/output/more")
    with pytest.raises(ValueError, match="is damaged"):
        handover.take(tmp_path / "here")


def test_rows_are_logged_in_their_order_and_once(tmp_path: Path) -> None:
    handover = Handover(str(tmp_path), "first")
    log = handover.logging()
    assert handover.logged(0) == []
    log({"loss": 2.0}, 1)
    log({"loss": 1.0}, 2)
    assert handover.logged(0) == [({"loss": 2.0}, 1), ({"loss": 1.0}, 2)]
    assert handover.logged(1) == [({"loss": 1.0}, 2)]


def test_of_a_node_the_first_trouble_counts(tmp_path: Path) -> None:
    handover = Handover(str(tmp_path), "first")
    handover.report(1, ValueError("mend it"))
    handover.report(1, RuntimeError("begun again"))
    assert handover.troubles(2) == {1: Trouble("ValueError", "mend it")}


def test_a_node_enters_once(tmp_path: Path) -> None:
    handover = Handover(str(tmp_path), "first")
    assert [handover.enter(0), handover.enter(1), handover.enter(0)] == [True, True, False]


def test_signs_of_life_differ(tmp_path: Path) -> None:
    handover = Handover(str(tmp_path), "first")
    assert handover.last_beat() is None
    handover.beat(7)
    assert handover.last_beat() == 7


def test_what_is_cleared_is_gone(s3: str, given: Given) -> None:
    Handover(s3, "first").give(given)
    Handover(s3, "first").clear()
    assert not store.exists(s3)
