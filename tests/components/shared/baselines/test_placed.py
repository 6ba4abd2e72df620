import numpy as np
import torch

from components.shared.baselines.placed import placed


def test_an_array_is_sent_once_and_keeps_its_kind() -> None:
    numbers, weights = placed(np.array([2, 1], np.int32)), placed(np.array([0.5], np.float64))
    device = torch.device("cpu")
    assert numbers(device).dtype == torch.int64
    assert weights(device).dtype == torch.float32
    assert weights(device) is weights(device)
