import json
from pathlib import Path

import pytest
from kfp import dsl, local
from kfp.local import subprocess_task_handler

from pipeline.local.task import Task, task_of


def double(number: int) -> int:
    """A face."""
    return 2 * number


def test_a_command_of_kfps_is_read_and_its_function_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tasks: list[Task] = []

    def ours(full_command: list[str], env_vars: object = None) -> int:
        tasks.append(task_of(full_command))
        tasks[-1].execute()
        return 0

    monkeypatch.setattr(subprocess_task_handler, "run_local_subprocess", ours)
    local.init(local.SubprocessRunner(use_venv=False), pipeline_root=str(tmp_path))
    component = dsl.component(double, base_image="python", install_kfp_package=False)
    assert component(number=21).output == 42
    (task,) = tasks
    assert task.function == "double"
    assert json.loads(task.given)["inputs"]["parameterValues"] == {"number": 21}


def test_another_way_of_kfps_is_noticed() -> None:
    command = ["sh", "run.sh", "--executor_input", "{}", "--function_to_execute", "double"]
    with pytest.raises(AssertionError, match="starts its executor in another way"):
        task_of(command)
