"""The training on two nodes, processes of this machine, by way of a TrainJob."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from support.colours import write_index
from support.ports import free_port
from support.settings import changed
from support.trainer import Nodes, Trainer, as_processes

from components.pretrain_visual.crew import CREW
from components.shared.nodes.following import on_nodes
from components.shared.nodes.handover import Given
from components.shared.settings.visual import VisualSettings
from components.shared.storage.checkpoint import NOWHERE, CheckpointStore

CONFIG = VisualSettings(
    architecture="small_resnet18",
    input_size=32,
    resize=32,
    epochs=2,
    patience=0,
    batch_size=7,
    learning_rate=3e-4,
    precision="fp32",
    nodes=2,
)


def ignore(metrics: Mapping[str, float], step: int | None) -> None:
    pass


def figures(model: Path) -> list[dict[str, float]]:
    history = json.loads((model / "history.json").read_text())
    return [{k: v for k, v in epoch.items() if k != "images_per_second"} for epoch in history]


def test_two_nodes_train_as_one_process_does_also_where_one_is_killed(
    at_work: Callable[[Nodes], Trainer], s3: str, tmp_path: Path
) -> None:
    inputs = {"image_index": write_index(tmp_path / "index")}
    CREW.work(Given(changed(CONFIG, nodes=1), inputs, tmp_path / "alone", NOWHERE), ignore)
    trainer = at_work(as_processes(free_port()))
    given = Given(CONFIG, inputs, tmp_path / "model", CheckpointStore(f"{s3}/k"))
    logged: list[int | None] = []

    def kill_one(_metrics: Mapping[str, float], step: int | None) -> None:
        logged.append(step)
        if len(trainer.made) == 1:
            trainer.processes[1].kill()

    with pytest.raises(RuntimeError, match=r"Node 1 of 2 .* \(OOMKilled, exit code 137\)"):
        on_nodes(CREW, given, "k", kill_one)
    assert trainer.jobs == {}
    trainer.nodes = as_processes(free_port())
    on_nodes(CREW, given, "k", kill_one)
    # The second attempt goes on where the first was killed, and rank 0 alone tells.
    assert logged == [1, 2]
    assert len([line for line in trainer.logs if "epoch 2 of 2" in line]) == 1
    weights, others = (load_file(tmp_path / n / "weights.safetensors") for n in ("alone", "model"))
    for name in weights:
        assert torch.allclose(weights[name], others[name], rtol=1e-5, atol=1e-5), name
    for ours, theirs in zip(figures(tmp_path / "alone"), figures(given.output), strict=True):
        assert ours == pytest.approx(theirs, rel=1e-3)
