import numpy as np
import torch

from components.shared.images.crops import ImageView
from components.shared.images.decoding_pool import Slot
from components.shared.images.uploading import standardised, uploaded

VIEW = ImageView(4, 4, 1.0, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))


def slots(batches: int, size: int = 3) -> list[Slot]:
    pixels = np.random.default_rng(0).integers(0, 255, (batches, size, 4, 4, 3), np.uint8)
    return [Slot(array, size) for array in pixels]


def test_bytes_become_float32_of_mean_0_and_deviation_1_as_the_view_says() -> None:
    images = torch.from_numpy(slots(1)[0].batch)
    result = standardised(images, VIEW)
    expected = (images.numpy() / 255 - VIEW.mean) / VIEW.std
    assert result.dtype == torch.float32
    assert result.is_contiguous(memory_format=torch.channels_last)
    assert np.allclose(result.permute(0, 2, 3, 1).numpy(), expected, atol=1e-5)


def test_a_batch_may_be_smaller_than_its_room() -> None:
    given = slots(2)
    given[1].images = 1
    batches = list(uploaded(given, VIEW, torch.device("cpu")))
    assert [len(batch) for batch in batches] == [3, 1]
    assert torch.equal(batches[1], standardised(torch.from_numpy(given[1].array[:1]), VIEW))
