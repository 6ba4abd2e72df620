from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import simplejpeg
import torch
from support.shards import write_shard
from support.waiting import waits

from components.shared.images.batches import (
    augmented_batches,
    centre_batches,
    decoded_by,
    decoding_pool,
)
from components.shared.images.crops import ImageView, decode_centre
from components.shared.images.shards import ImageStore
from components.shared.processes.ranks import Part

VIEW = ImageView(16, 20, 1.0, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))
CPU = torch.device("cpu")


@pytest.fixture(name="store")
def store_of_random_images(tmp_path: Path) -> ImageStore:
    generator = np.random.default_rng(0)
    rows, content = [], b""
    for number in range(11):
        image = generator.integers(0, 255, (20 + number, 24, 3), np.uint8)
        data = simplejpeg.encode_jpeg(image, 95)
        rows.append({"offset": len(content), "length": len(data)})
        content += data
    return ImageStore(pd.DataFrame(rows).assign(shard=str(write_shard(tmp_path, content))))


def test_centre_batches_are_the_normalised_centre_crops_in_row_order(store: ImageStore) -> None:
    batches = list(centre_batches(store, VIEW, 4, CPU))
    assert [len(batch) for batch in batches] == [4, 4, 3]
    assert batches[0].is_contiguous(memory_format=torch.channels_last)
    crops = np.stack([decode_centre(store.read(row), VIEW) for row in range(11)])
    expected = (crops / 255 - VIEW.mean) / VIEW.std
    assert np.allclose(torch.cat(batches).permute(0, 2, 3, 1).numpy(), expected, atol=1e-5)


def test_a_centre_crop_of_an_image_of_the_right_size_is_its_middle(store: ImageStore) -> None:
    image = simplejpeg.decode_jpeg(store.read(0))
    assert image.shape == (20, 24, 3)
    assert np.array_equal(decode_centre(store.read(0), VIEW), image[2:18, 4:20])


def test_a_seed_gives_the_same_crops_again_and_another_seed_gives_others(store: ImageStore) -> None:
    order = np.array([3, 1, 4, 1, 5, 9, 2])

    def crops(seed: list[int]) -> torch.Tensor:
        view = replace(VIEW, crop_scale=0.3)
        batches = augmented_batches(store, view, order, 3, seed, CPU)
        return torch.cat([images for _, images in batches])

    assert torch.equal(crops([0, 1]), crops([0, 1]))
    assert not torch.equal(crops([0, 1]), crops([0, 2]))
    assert not torch.equal(crops([0, 1])[1], crops([0, 1])[3])


def test_crops_do_not_depend_on_the_batch_size(store: ImageStore) -> None:
    order = np.arange(11)

    def crops(size: int) -> torch.Tensor:
        return torch.cat([x for _, x in augmented_batches(store, VIEW, order, size, [7], CPU)])

    assert torch.equal(crops(2), crops(11))


def test_a_part_of_each_batch_has_the_crops_of_the_whole(store: ImageStore) -> None:
    order = np.array([3, 1, 4, 0, 5, 9, 2, 6])

    def crops(part: Part | None, **places: int) -> list[torch.Tensor]:
        batches = augmented_batches(store, VIEW, order, 3, [7], CPU, part=part, **places)
        return [images for _, images in batches]

    whole = crops(None)
    for number, images in enumerate(crops(Part(1, 3, 3, 2))):
        assert torch.equal(images, whole[number][1:3])
    between = crops(None, first=3, stop=5)
    assert torch.equal(torch.cat(between), whole[1][:2])
    centre = torch.cat(list(centre_batches(store, VIEW, 4, CPU)))
    assert torch.equal(torch.cat(list(centre_batches(store, VIEW, 2, CPU, 3, 8))), centre[3:8])


def test_processes_give_the_batches_that_threads_give(
    store: ImageStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    view, order = replace(VIEW, crop_scale=0.3), np.random.default_rng(0).permutation(11)

    def batches() -> list[torch.Tensor]:
        random = [images for _, images in augmented_batches(store, view, order, 4, [3], CPU)]
        return [*random, *centre_batches(store, view, 4, CPU)]

    of_threads = batches()
    monkeypatch.setattr("components.shared.images.batches.data_processes", lambda _: 2)
    try:
        of_processes = batches()
    finally:
        pool = decoding_pool(CPU)
        assert pool
        pool.close()
    assert capsys.readouterr().out == "images are decoded by 2 processes\n"
    assert all(map(torch.equal, of_threads, of_processes))
    assert all(images.is_contiguous(memory_format=torch.channels_last) for images in of_processes)


@pytest.mark.parametrize(
    ("processes", "threads", "said"),
    [(0, 1, "1 thread"), (0, 3, "3 threads"), (1, 3, "1 process"), (2, 1, "2 processes")],
)
def test_it_is_said_who_decodes_for_a_device(
    monkeypatch: pytest.MonkeyPatch, processes: int, threads: int, said: str
) -> None:
    monkeypatch.setattr("components.shared.images.batches.data_processes", lambda _: processes)
    monkeypatch.setattr("components.shared.images.batches.data_threads", lambda: threads)
    assert decoded_by(CPU) == said


@pytest.mark.gpu
def test_a_gpu_has_the_batches_of_the_cpu_and_no_batch_is_waited_for(store: ImageStore) -> None:
    order, gpu = np.random.default_rng(0).integers(0, 11, 500), torch.device("cuda")

    def batches(device: torch.device) -> list[torch.Tensor]:
        view = replace(VIEW, crop_scale=0.3)
        taken = augmented_batches(store, view, order, 8, [3], device)
        return [batch for _, batch in taken]

    of_cpu, of_gpu = batches(CPU), batches(gpu)
    assert len(of_cpu) == len(of_gpu)
    for ours, theirs in zip(of_cpu, of_gpu, strict=True):
        assert torch.allclose(ours, theirs.cpu(), atol=1e-5)
        assert theirs.is_contiguous(memory_format=torch.channels_last)
    assert not waits(lambda: batches(gpu))


def test_augmented_batches_tell_their_rows(store: ImageStore) -> None:
    order = np.array([5, 0, 10])
    rows = [rows.tolist() for rows, _ in augmented_batches(store, VIEW, order, 2, [0], CPU)]
    assert rows == [[5, 0], [10]]


def test_plain_random_crops_are_windows_of_the_image_or_their_mirror(store: ImageStore) -> None:
    order = np.zeros(60, int)
    batches = augmented_batches(store, VIEW, order, 20, [0], CPU)
    crops = torch.cat([images for _, images in batches]).permute(0, 2, 3, 1).numpy()
    crops = ((crops * VIEW.std + VIEW.mean) * 255).round().astype(np.uint8)
    image = simplejpeg.decode_jpeg(store.read(0))
    windows = {
        image[top : top + 16, left : left + 16][:, ::step].tobytes(): (top, left, step)
        for top in range(5)
        for left in range(9)
        for step in (1, -1)
    }
    places = [windows[crop.tobytes()] for crop in crops]
    assert {top for top, _, _ in places} == set(range(5))
    assert {left for _, left, _ in places} == set(range(9))
    assert {step for _, _, step in places} == {1, -1}


def test_a_broken_image_stops_the_batches(tmp_path: Path) -> None:
    shard = write_shard(tmp_path, b"no image")
    store = ImageStore(pd.DataFrame([{"shard": str(shard), "offset": 0, "length": 8}]))
    with pytest.raises(ValueError, match="it is none of JPEG, PNG"):
        list(centre_batches(store, VIEW, 4, CPU))
