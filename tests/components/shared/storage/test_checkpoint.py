from pathlib import Path

import numpy as np
import pytest

from components.shared.storage.checkpoint import CheckpointStore


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


def test_a_deleted_checkpoint_is_gone(store: CheckpointStore) -> None:
    store.save("state", {"x": np.zeros(1)}, {})
    store.delete("state")
    assert store.load("state") is None


def test_a_local_store_holds_nothing_but_its_checkpoints(tmp_path: Path) -> None:
    store = CheckpointStore(str(tmp_path))
    store.save("state", {"x": np.zeros(1)}, {})
    assert [file.name for file in tmp_path.iterdir()] == ["state.safetensors"]
