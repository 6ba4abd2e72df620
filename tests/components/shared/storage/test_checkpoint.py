from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from components.shared.storage.checkpoint import NOWHERE, CheckpointStore
from components.shared.storage.store import local_copy, upload


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> CheckpointStore:
    local = request.param == "local"
    return CheckpointStore(str(tmp_path / "c") if local else request.getfixturevalue("s3"))


def test_there_is_no_checkpoint_before_the_first(store: CheckpointStore) -> None:
    assert store.load("state") is None


def test_arrays_and_metadata_come_back_as_they_went(store: CheckpointStore) -> None:
    weights = np.arange(6, dtype=np.float32).reshape(2, 3).T
    store.save("state", {"weights": weights, "count": np.array(7)}, {"epoch": 3, "best": [0.5]})
    loaded = store.load("state")
    assert loaded is not None
    arrays, metadata = loaded
    np.testing.assert_array_equal(arrays["weights"], weights)
    assert arrays["count"] == 7
    assert metadata == {"epoch": 3, "best": [0.5]}


def test_the_last_checkpoint_counts(store: CheckpointStore) -> None:
    for epoch in range(3):
        store.save("state", {"x": np.full(2, epoch)}, {"epoch": epoch})
    loaded = store.load("state")
    assert loaded is not None
    assert loaded[1] == {"epoch": 2}


def damaged(file: Path) -> dict[str, bytes]:
    """The same file as it can come to be: each byte flipped in turn, cut, empty, no checkpoint."""
    whole = file.read_bytes()
    flipped = {
        f"byte {place}": whole[:place] + bytes([whole[place] ^ 0x80]) + whole[place + 1 :]
        for place in range(len(whole))
    }
    others = {"cut": whole[:-1], "half": whole[: len(whole) // 2], "empty": b"", "text": b"x" * 99}
    return flipped | others


def test_a_damaged_checkpoint_is_said_and_taken_for_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, file = CheckpointStore(str(tmp_path)), tmp_path / "state.safetensors"
    store.save("state", {"weights": np.arange(3.0), "count": np.array(7)}, {"epoch": 3})
    for how, content in damaged(file).items():
        file.write_bytes(content)
        assert store.load("state") is None, how
        assert f"the checkpoint {file} is damaged" in capsys.readouterr().out
    store.save("state", {"weights": np.arange(3.0)}, {"epoch": 4})
    assert store.load("state") is not None


def test_a_checkpoint_whose_signs_were_flipped_where_it_lies_is_taken_for_none(
    store: CheckpointStore, tmp_path: Path
) -> None:
    store.save("state", {"weights": np.arange(3.0)}, {"epoch": 3})
    address = f"{store.uri}/state.safetensors"
    with local_copy(address) as file:
        save_file({"weights": -np.arange(3.0)}, tmp_path / "other", metadata=metadata_of(file))
    upload(tmp_path / "other", address)
    assert store.load("state") is None


def metadata_of(file: Path) -> dict[str, str]:
    with safe_open(file, framework="numpy") as opened:
        return dict(opened.metadata())


def test_a_file_comes_back_as_it_was_written(store: CheckpointStore) -> None:
    assert not store.has_file("text")
    with store.writing_file("text") as aside:
        aside.write_bytes(b"a line\n")
    assert store.has_file("text")
    with store.reading_file("text") as file:
        assert file.read_bytes() == b"a line\n"


def test_a_file_whose_writer_fails_is_not_there(store: CheckpointStore) -> None:
    with pytest.raises(UnicodeEncodeError), store.writing_file("text") as aside:
        aside.write_text("half \ud800", encoding="utf-8")
    assert not store.has_file("text")


def test_after_clearing_nothing_is_left(store: CheckpointStore) -> None:
    store.save("state", {"x": np.zeros(1)}, {})
    with store.writing_file("text") as aside:
        aside.write_bytes(b"a line\n")
    for _ in range(2):
        store.clear()
        assert store.load("state") is None
        assert not store.has_file("text")


def test_a_store_without_an_address_keeps_nothing() -> None:
    NOWHERE.save("state", {"x": np.zeros(1)}, {})
    NOWHERE.clear()
    assert NOWHERE.load("state") is None
    assert not NOWHERE.timer().is_due()


def test_it_is_time_to_save_ten_minutes_after_the_last_time(tmp_path: Path) -> None:
    timer = CheckpointStore(str(tmp_path)).timer()
    assert timer.seconds == 600
    assert not timer.is_due()
    timer.last -= 600
    assert timer.is_due()
    timer.restart()
    assert not timer.is_due()


def test_the_environment_may_shorten_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEVISE_CHECKPOINT_SECONDS", "0")
    assert CheckpointStore(str(tmp_path)).timer().is_due()


def test_a_local_store_holds_nothing_but_its_checkpoints(tmp_path: Path) -> None:
    store = CheckpointStore(str(tmp_path))
    store.save("state", {"x": np.zeros(1)}, {})
    assert [file.name for file in tmp_path.iterdir()] == ["state.safetensors"]
