import socket
from functools import partial
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support.ranks import Network, descend, descend_beside
from torch.multiprocessing.spawn import spawn

from components.shared.processes.launching import launched
from components.shared.processes.ranks import own_part
from components.shared.processes.replicas import replicated


def test_replicas_train_as_the_network_does_on_the_whole_batch(tmp_path: Path) -> None:
    for name in ("alone", "together"):
        (tmp_path / name).mkdir()
    descend(tmp_path / "alone")
    launched(2, partial(descend, tmp_path / "together"))
    assert_equal_weights(tmp_path)


@pytest.mark.gpu
def test_replicas_on_a_gpu_train_as_the_network_does_on_the_whole_batch(tmp_path: Path) -> None:
    for name in ("alone", "together"):
        (tmp_path / name).mkdir()
    descend(tmp_path / "alone", "cuda")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    beside = tmp_path / "together", port
    spawn(descend_beside, beside, nprocs=2)
    assert_equal_weights(tmp_path)


def assert_equal_weights(folder: Path) -> None:
    alone, together = (
        load_file(folder / name / "weights.safetensors") for name in ("alone", "together")
    )
    assert alone.keys() == together.keys()
    for name in alone:
        assert torch.allclose(alone[name], together[name], rtol=1e-9, atol=1e-12), name


def test_a_network_by_itself_stays_as_it_is() -> None:
    network = Network()
    assert replicated(network, own_part(7)) is network
