import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import simplejpeg
from support.shards import write_shard

from components.shared.images.crops import ImageView, decode_centre, decode_random
from components.shared.images.decoding_pool import DecodingPool
from components.shared.images.shards import ImageStore

VIEW = ImageView(8, 10, 0.5, (0.5,) * 3, (0.2,) * 3)
IMAGES, BROKEN = 12, 12


@pytest.fixture(scope="module", name="pool")
def pool_of_two() -> Iterator[DecodingPool]:
    pool = DecodingPool(2)
    yield pool
    pool.close()


@pytest.fixture(scope="module", name="store")
def store_with_a_broken_image(tmp_path_factory: pytest.TempPathFactory) -> ImageStore:
    generator = np.random.default_rng(0)
    pixels = generator.integers(0, 255, (IMAGES, 12, 14, 3), np.uint8)
    images = [bytes(simplejpeg.encode_jpeg(one)) for one in pixels] + [b"no image"]
    lengths = [len(image) for image in images]
    frame = pd.DataFrame({"offset": np.cumsum([0, *lengths[:-1]]), "length": lengths})
    shard = write_shard(tmp_path_factory.mktemp("shards"), b"".join(images))
    return ImageStore(frame.assign(shard=str(shard)))


def rows_of(*batches: list[int]) -> list[np.ndarray]:
    return [np.array(batch) for batch in batches]


def test_batches_are_the_crops_in_their_order(pool: DecodingPool, store: ImageStore) -> None:
    generator = np.random.default_rng(0)
    rows = [generator.integers(0, IMAGES, 40) for _ in range(60)] + rows_of([3, 1])
    draws = [generator.random((len(batch), 5)) for batch in rows]
    batches = [slot.batch.copy() for slot in pool.batches(store, VIEW, rows, draws)]
    assert len(batches) == len(rows)
    for number in (0, 1, 30, 59, 60):
        expected = [
            decode_random(store.read(row), VIEW, own)
            for row, own in zip(rows[number], draws[number], strict=True)
        ]
        assert np.array_equal(batches[number], expected)


def test_without_draws_they_are_centre_crops(pool: DecodingPool, store: ImageStore) -> None:
    (slot,) = pool.batches(store, VIEW, rows_of([5, 2]), None)
    assert np.array_equal(slot.batch[1], decode_centre(store.read(2), VIEW))


def test_a_broken_image_stops_the_batches_in_its_place(
    pool: DecodingPool, store: ImageStore
) -> None:
    batches = pool.batches(store, VIEW, rows_of([0], [1, 2], [3, BROKEN], [4]), None)
    assert len([next(batches), next(batches)]) == 2
    with pytest.raises(ValueError, match="it is none of JPEG, PNG"):
        next(batches)
    assert len(list(pool.batches(store, VIEW, rows_of([0], [1]), None))) == 2


def test_two_may_take_batches_at_once_and_stop_early(pool: DecodingPool, store: ImageStore) -> None:
    rows = rows_of(*([row] for row in range(IMAGES)))
    first, second = (pool.batches(store, VIEW, rows, None) for _ in range(2))
    for row in range(3):
        ours, theirs = next(first).batch.copy(), next(second).batch.copy()
        assert np.array_equal(ours, theirs)
        assert np.array_equal(ours[0], decode_centre(store.read(row), VIEW))
    second.close()  # type: ignore[attr-defined]
    assert len(list(first)) == IMAGES - 3


def test_a_slot_is_filled_again_only_when_it_may_be(pool: DecodingPool, store: ImageStore) -> None:
    class Upload:
        waited = 0

        def query(self) -> bool:
            return False

        def synchronize(self) -> None:
            Upload.waited += 1

    rows = rows_of(*([number % IMAGES] * 400 for number in range(5)))
    for slot in pool.batches(store, VIEW, rows, None):
        slot.reusable = Upload()
    assert Upload.waited == 2


def test_a_killed_process_is_told_and_another_pool_goes_on(store: ImageStore) -> None:
    pool = DecodingPool(2)
    rows = rows_of([0, 1, 2, 3, 4, 5])
    list(pool.batches(store, VIEW, rows, None))
    os.kill(pool.processes[0], signal.SIGKILL)
    with pytest.raises(RuntimeError, match="decodes images ended with status -9"):
        list(pool.batches(store, VIEW, rows * 9, None))
    assert not pool.is_open


STAGE = """
import sys, time
from components.shared.images.decoding_pool import DecodingPool
print(*DecodingPool(2).processes, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_they_end_with_the_process_that_started_them(project: Path, number: int) -> None:
    command = [sys.executable, "-c", STAGE]
    with subprocess.Popen(command, cwd=project, stdout=subprocess.PIPE, text=True) as stage:
        assert stage.stdout
        processes = [int(word) for word in stage.stdout.readline().split()]
        assert len(processes) == 2
        stage.send_signal(number)
    deadline = time.monotonic() + 20
    while any(is_alive(process) for process in processes):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"
