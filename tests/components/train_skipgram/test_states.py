from pathlib import Path

import numpy as np
from support.settings import unchecked

from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram.states import restore, save
from components.train_skipgram.training import build_model


def test_a_model_goes_on_as_it_was_saved(tmp_path: Path) -> None:
    config = unchecked(SkipgramSettings, dim=4, seed=3)
    saved, other = (build_model(config, {"a": 2, "b": 1}) for _ in range(2))
    saved.wv.vectors[:] = 7
    saved.random.random(5)
    save(saved, 12, CheckpointStore(str(tmp_path)))
    assert restore(other, CheckpointStore(str(tmp_path))) == 12
    assert np.array_equal(other.wv.vectors, saved.wv.vectors)
    assert other.random.random() == saved.random.random()


def test_without_a_state_it_begins_at_the_beginning(tmp_path: Path) -> None:
    model = build_model(unchecked(SkipgramSettings, dim=4), {"a": 2, "b": 1})
    assert restore(model, CheckpointStore(str(tmp_path))) == 0
