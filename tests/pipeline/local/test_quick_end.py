import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.local.processes import PRELOADED


def test_a_process_that_imports_it_ends_before_what_it_has_is_taken_down(project: Path) -> None:
    code = """
import pipeline.local.quick_end
class Slow:
    def __del__(self):
        print("taken down")
kept = Slow()
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, check=True
    )
    assert done.stdout == b""


@pytest.mark.skipif(sys.platform != "linux", reason="tasks are forks on Linux alone")
def test_the_status_of_a_fork_is_its_own() -> None:
    assert "pipeline.local.quick_end" in PRELOADED
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["pipeline.local.quick_end"])
    process = context.Process(target=sys.exit, args=(3,))
    process.start()
    process.join()
    assert process.exitcode == 3
