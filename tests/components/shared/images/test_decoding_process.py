import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from multiprocessing import Pipe, reduction
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from components.shared.images.crops import ImageView, decode_centre
from components.shared.images.decoding_process import Answer, Memory, Request
from components.shared.images.places import Place

VIEW = ImageView(8, 10, 1.0, (0.5,) * 3, (0.2,) * 3)
CODE = "from components.shared.images.decoding_process import serve; serve({})"
MODULES = "import sys, components.shared.images.decoding_process; sys.exit('torch' in sys.modules)"


@pytest.fixture
def asked(project: Path) -> Iterator[Connection]:
    """A process of its own to ask, which has memory 4 of 1,000 bytes."""
    ours, theirs = Pipe()
    command = [sys.executable, "-c", CODE.format(theirs.fileno())]
    with subprocess.Popen(command, cwd=project, pass_fds=[theirs.fileno()]) as process, ours:
        theirs.close()
        ours.send(Memory(4, 1000))
        with tempfile.TemporaryFile() as file:
            os.truncate(file.fileno(), 1000)
            reduction.send_handle(ours, file.fileno(), process.pid)
            ours.memory = file  # type: ignore[attr-defined]
            yield ours
        ours.close()
        assert process.wait(20) == 0


def jpeg() -> bytes:
    pixels = np.random.default_rng(0).integers(0, 255, (10, 12, 3), np.uint8)
    return bytes(simplejpeg.encode_jpeg(pixels))


def test_crops_are_written_where_the_request_says(asked: Connection, tmp_path: Path) -> None:
    file = tmp_path / "images"
    file.write_bytes(jpeg())
    place = Place(str(file), 0, len(jpeg()))
    asked.send(Request(4, 2, 100, [place, place], VIEW, None))
    assert asked.recv() == Answer(4, 2, 100, 2)
    memory = asked.memory  # type: ignore[attr-defined]
    memory.seek(100)
    assert memory.read(2 * 192) == 2 * decode_centre(jpeg(), VIEW).tobytes()


def test_what_decoding_raises_is_the_answer_and_the_process_goes_on(
    asked: Connection, tmp_path: Path
) -> None:
    file = tmp_path / "images"
    file.write_bytes(b"no image" + jpeg())
    asked.send(Request(4, 0, 0, [Place(str(file), 0, 8)], VIEW, None))
    answer = asked.recv()
    assert isinstance(answer.error, ValueError)
    assert "it is none of JPEG, PNG" in str(answer.error)
    asked.send(Request(4, 0, 0, [Place(str(file), 8, len(jpeg()))], VIEW, None))
    assert asked.recv().error is None


def test_it_loads_no_torch(project: Path) -> None:
    assert subprocess.run([sys.executable, "-c", MODULES], cwd=project, check=False).returncode == 0
