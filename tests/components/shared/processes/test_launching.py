import gc
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest
import torch
from support import ranks
from support.eventually import eventually
from support.ports import free_port
from support.ranks import fail, tell, wait_for_ever

from components.shared.execution.ending import STATUS, ended_by_sigterm
from components.shared.processes.launching import Node, ProcessDied, in_processes, launched

NAME = "visual_processes"


def ignore(metrics: Mapping[str, float], step: int | None) -> None:
    pass


def is_alive(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    return True


def process_id(log: object = None) -> dict[str, float]:
    return {"pid": os.getpid(), "logs": log is not None}


def test_one_process_is_this_one() -> None:
    assert in_processes(1, NAME, process_id) == {"pid": os.getpid(), "logs": False}
    assert in_processes(1, NAME, process_id, ignore) == {"pid": os.getpid(), "logs": True}


def test_none_given_is_one_where_there_is_no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    assert in_processes(0, NAME, process_id)["pid"] == os.getpid()


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(ValueError, match=r"visual_processes is 4 and this machine has 2 GPU"):
        in_processes(4, NAME, process_id)


def test_what_hinders_one_process_is_raised_and_the_others_end() -> None:
    with pytest.raises(ValueError, match="The second has found something: mend it"):
        launched(2, partial(fail, "by an error"))


def test_a_process_that_is_killed_ends_the_work_with_its_number() -> None:
    with pytest.raises(ProcessDied, match=r"Process 1 of 2 ended with status -9"):
        launched(2, partial(fail, "killed"))


def test_nodes_find_each_other_where_the_first_one_is(tmp_path: Path) -> None:
    only = Node(rank=0, nodes=1, host="127.0.0.1", port=free_port())
    assert launched(2, partial(tell, tmp_path), ignore, only)["sum"] == 3


def test_what_cannot_be_logged_is_raised(tmp_path: Path) -> None:
    def refuse(metrics: Mapping[str, float], step: int | None) -> None:
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        launched(2, partial(tell, tmp_path), refuse)


def test_sigterm_ends_the_processes_and_then_this_one() -> None:
    threading.Timer(1.0, os.kill, [os.getpid(), signal.SIGTERM]).start()
    with ended_by_sigterm(), pytest.raises(SystemExit) as ended:
        launched(2, wait_for_ever)
    assert ended.value.code == STATUS
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    # What torch leaves behind ends with its own thread, which complains where it is the one to
    # collect it.
    del ended
    gc.collect()


def test_processes_end_with_the_one_that_started_them_however_it_ends(tmp_path: Path) -> None:
    program = "from pathlib import Path; from functools import partial; "
    program += "from components.shared.processes.launching import launched; "
    program += "from support.ranks import wait_for_ever; "
    program += f"launched(2, partial(wait_for_ever, Path({str(tmp_path)!r})))"
    tests = str(Path(ranks.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((tests, *sys.path))}
    with subprocess.Popen([sys.executable, "-c", program], env=environment) as process:
        eventually(lambda: len(list(tmp_path.iterdir())) == 2)
        process.kill()
    eventually(lambda: not any(is_alive(int(number.name)) for number in tmp_path.iterdir()))
