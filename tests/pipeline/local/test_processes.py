"""Tasks in processes of their own, as kfp.local starts them."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from kfp.local import subprocess_task_handler
from support.eventually import eventually

from pipeline.local.processes import own_groups, run_process
from pipeline.local.stopping import Stopped, stoppable

SECRET = "https://host/x?signature=of-mine"
INPUT = {"inputs": {"parameterValues": {"uri": SECRET}}, "outputs": {"outputFile": ""}}


@pytest.fixture(autouse=True)
def environment(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(project))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("DEVISE_RUN_DIR", str(tmp_path))


def kfps_command(tmp_path: Path, body: str) -> list[str]:
    """A task as kfp starts it, whose function has this body."""
    script = (
        'program_path=$(mktemp -d)\nprintf "%s" "$0" > "$program_path/ephemeral_component.py"\n'
        f"_KFP_RUNTIME=true {sys.executable} -m kfp.dsl.executor_main --component_module_path "
        '"$program_path/ephemeral_component.py" "$@"\n'
    )
    given = {**INPUT, "outputs": {"outputFile": str(tmp_path / "outputs.json")}}
    source = f"import os, signal, subprocess, sys, time\ndef task(uri: str):\n    {body}\n"
    rest = ["--executor_input", json.dumps(given, indent=1), "--function_to_execute", "task"]
    return ["sh", "-ec", script, source, *rest]


def test_a_task_is_given_its_input_and_what_it_says_is_passed_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_process(kfps_command(tmp_path, "print('given', uri)")) == 0
    assert f"given {SECRET}" in capsys.readouterr().out


def test_no_process_list_shows_the_input(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "print('shown:', b'of-mine' in open('/proc/self/cmdline', 'rb').read())"
    assert run_process(kfps_command(tmp_path, body)) == 0
    assert "shown: False" in capsys.readouterr().out


def test_what_a_task_fails_with_is_left_for_who_started_it_and_no_traceback_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with stoppable() as run:
        assert run_process(kfps_command(tmp_path, "raise ValueError('no such class')")) == 1
        assert run.failed
    assert "Traceback" not in capsys.readouterr().out
    (file,) = (tmp_path / "failures").iterdir()
    assert json.loads(file.read_text())["message"] == "no such class"


def test_a_signal_ends_a_task_and_its_own_children(tmp_path: Path) -> None:
    file = tmp_path / "pids"
    body = (
        "child = subprocess.Popen(['sleep', '600']); "
        f"open({str(file)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}'); "
        f"os.kill({os.getpid()}, signal.SIGTERM); time.sleep(600)"
    )
    with pytest.raises(Stopped), stoppable():
        assert run_process(kfps_command(tmp_path, body)) == -signal.SIGTERM
    for pid in file.read_text().split():
        wait_for_the_end(int(pid))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_interrupts_no_reading_ends_a_silent_task(
    tmp_path: Path, number: signal.Signals
) -> None:
    begun = tmp_path / "begun"

    def send() -> None:
        eventually(begun.exists)
        # To this thread: the reading of the main one goes on, as after a signal just before it.
        signal.pthread_kill(threading.get_ident(), number)

    # Shells start what runs in the background with SIGINT ignored.
    before = signal.signal(number, signal.SIG_DFL)
    command = kfps_command(tmp_path, f"open({str(begun)!r}, 'w').close(); time.sleep(30)")
    sending = threading.Thread(target=send)
    sending.start()
    try:
        with pytest.raises(Stopped, match=number.name), stoppable():
            assert run_process(command) == -signal.SIGTERM
    finally:
        sending.join()
        signal.signal(number, before)


def test_what_a_task_says_arrives_whole_whatever_the_bytes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pieces = [b"one\r\ntw", b"o \xc3", b"\xa9 \xff\n" + b"x" * 70_000 + b"\n", b"no end"]
    body = f"[(os.write(1, piece), time.sleep(0.01)) for piece in {pieces!r}]"
    assert run_process(kfps_command(tmp_path, body)) == 0
    assert f"one\ntwo \xe9 \ufffd\n{'x' * 70_000}\nno end" in capsys.readouterr().out


def wait_for_the_end(pid: int) -> None:
    deadline = time.monotonic() + 20
    while (status := state(pid)) not in ("", "Z") and time.monotonic() < deadline:
        time.sleep(0.05)
    assert status in ("", "Z")


def state(pid: int) -> str:
    """The state of a process, empty where there is none."""
    done = subprocess.run(
        ["ps", "-o", "state=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return done.stdout.strip()[:1]


def test_a_task_ends_with_a_command_that_is_killed(project: Path, tmp_path: Path) -> None:
    file = tmp_path / "pid"
    body = f"open({str(file)!r}, 'w').write(str(os.getpid())); time.sleep(600)"
    code = "import sys, json; from pipeline.local.processes import run_process; "
    code += "run_process(json.loads(sys.argv[1]))"
    command = [sys.executable, "-c", code, json.dumps(kfps_command(tmp_path, body))]
    with subprocess.Popen(command, cwd=project) as run:
        while not file.exists() or not file.read_text():
            assert run.poll() is None
            time.sleep(0.05)
        run.kill()
    wait_for_the_end(int(file.read_text()))


def test_a_task_holds_what_the_run_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "lock"
    body = "held = [os.path.realpath(f'/proc/self/fd/{n}') for n in os.listdir('/proc/self/fd')]; "
    body += f"print('held', {str(place)!r} in held)"
    with place.open("w") as lock, stoppable((lock.fileno(),)):
        assert run_process(kfps_command(tmp_path, body)) == 0
    assert "held True" in capsys.readouterr().out


def test_a_task_has_the_environment_and_the_folder_of_its_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "import tempfile; print(os.getcwd(), tempfile.gettempdir(), os.environ['MINE'])"
    for name in ("first", "second"):
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        monkeypatch.setenv("TMPDIR", str(folder))
        assert run_process(kfps_command(tmp_path, body), {"MINE": name}) == 0
        assert f"{folder} {folder} {name}" in capsys.readouterr().out


def test_a_task_leaves_nothing_to_the_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    body = "import json; print('left', hasattr(json, 'mine')); json.mine = os.environ['MINE'] = '1'"
    for _ in range(2):
        assert run_process(kfps_command(tmp_path, body)) == 0
    assert capsys.readouterr().out.count("left False") == 2


def test_kfps_function_is_replaced_and_put_back() -> None:
    original = subprocess_task_handler.run_local_subprocess
    with own_groups():
        assert subprocess_task_handler.run_local_subprocess is run_process
    assert subprocess_task_handler.run_local_subprocess is original
