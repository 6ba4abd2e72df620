"""`python pipeline.py --help`: run, compile, submit, schedule, compare, predict, images, data."""

import sys

from pipeline.cli import main

if __name__ == "__main__":
    sys.exit(main())
