"""The vectors of a fastText binary, next to gensim's load_facebook_vectors, each in one process.

    python benchmarks/fasttext_binary.py

Both read a made file of 100,000 words, 200,000 rows of n-grams and 100 dimensions, and compute the
vector of every word. Time is the processor's; memory is the most that the
process held beyond what its imports take.
"""

import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from gensim.models.fasttext import load_facebook_vectors

from components.shared.vector_formats import FASTTEXT_MAGIC
from components.train_skipgram.fasttext_binary import read_fasttext

WORDS, BUCKETS, DIM = 100_000, 200_000, 100
READERS = {
    "ours": lambda path: sum(1 for _ in read_fasttext(path, path.name).entries),
    "gensim": lambda path: len(load_facebook_vectors(str(path))),
}


def write(path: Path) -> None:
    """Write the file that both read."""
    matrix = np.random.default_rng(0).standard_normal((WORDS + BUCKETS, DIM), dtype=np.float32)
    with path.open("wb") as file:
        header = (12, DIM, 5, 5, 5, 5, 1, 2, 2, BUCKETS, 3, 6, 100, 1e-4)
        file.write(FASTTEXT_MAGIC + struct.pack("<13id", *header))
        file.write(struct.pack("<3iqq", WORDS, WORDS, 0, 10**9, -1))
        for number in range(WORDS):
            file.write(b"word%d\0" % (number * 7919) + struct.pack("<qb", WORDS - number, 0))
        file.write(struct.pack("<?qq", False, *matrix.shape) + matrix.tobytes())


def measure(reader: str, path: Path) -> None:
    """Print the processor time and the memory that one reader takes."""
    before, start = most_memory(), time.process_time()
    words = READERS[reader](path)
    seconds, memory = time.process_time() - start, most_memory() - before
    print(f"{reader:<8} {words:,} words  {seconds:5.1f} s  {memory:4.0f} MiB")


def most_memory() -> float:
    """The most that this process has held, in MiB; getrusage counts the parent's too."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(sys.argv[1], Path(sys.argv[2]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            made = Path(folder) / "made.bin"
            write(made)
            for name in READERS:
                subprocess.run([sys.executable, __file__, name, str(made)], check=True)
