"""`python pipeline.py --help`: run, compile, submit, schedule, compare, predict, images, data."""

import gc
import sys

# What is imported stays: looking through it for garbage again and again is a fifth of the time.
gc.set_threshold(50_000)

from pipeline.cli import main  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
