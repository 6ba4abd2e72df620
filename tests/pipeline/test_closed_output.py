import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.closed_output import UNREAD, ended_quietly


def started(project: Path, *arguments: str, stdout: int, stderr: int) -> subprocess.Popen[str]:
    command = [sys.executable, str(project / "pipeline.py"), *arguments]
    return subprocess.Popen(command, cwd=project, stdout=stdout, stderr=stderr, text=True)


@pytest.mark.parametrize("arguments", [["parameters"], ["compile", "--help"]])
def test_a_command_whose_output_nobody_reads_ends_without_a_word(
    arguments: list[str], project: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with started(project, *arguments, stdout=writer, stderr=subprocess.PIPE) as command:
        os.close(writer)
        assert command.communicate()[1] == ""
        assert command.returncode == UNREAD


def test_a_refusal_that_nobody_reads_ends_the_command_too(project: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with started(project, "rnu", stdout=writer, stderr=writer) as command:
        os.close(writer)
        assert command.wait() == UNREAD


def test_a_command_without_any_output_stream_does_its_work(project: Path) -> None:
    shell = f"{sys.executable} pipeline.py parameters >&- 2>&-"
    assert subprocess.run(["sh", "-c", shell], cwd=project, check=False).returncode == 0


def test_a_connection_that_breaks_is_no_closed_output(capfd: pytest.CaptureFixture[str]) -> None:
    def broken() -> int:
        raise BrokenPipeError("the server hung up")

    with pytest.raises(BrokenPipeError, match="the server hung up"):
        ended_quietly(broken)
