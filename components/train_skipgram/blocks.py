"""Cuts the corpus into blocks, so that training can be saved between two of them.

A block is a run of lines that may go over the end of a file into the next; it is found again by
file and byte offset, and only one block is in memory at a time.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Block:
    """A run of lines of the corpus.

    Attributes:
        file: Number of the file in which it begins.
        offset: Byte at which it begins.
        lines: How many lines it has, over the files that follow too.
        tokens: How many tokens these have.
    """

    file: int
    offset: int
    lines: int
    tokens: int


def plan_blocks(files: Sequence[Path], block_tokens: int) -> list[Block]:
    """Cut the corpus into blocks that end with the line that reaches `block_tokens`.

    Args:
        files: The parts of the corpus, in order; tokens separated by one space.
        block_tokens: Tokens of a block; the last one may have fewer.
    """
    blocks = []
    start, lines, tokens = (0, 0), 0, 0
    for file, end, line_tokens in _line_ends(files):
        lines += 1
        tokens += line_tokens
        if tokens >= block_tokens:
            blocks.append(Block(*start, lines, tokens))
            start, lines, tokens = (file, end), 0, 0
    return [*blocks, Block(*start, lines, tokens)] if lines else blocks


def _line_ends(files: Sequence[Path]) -> Iterator[tuple[int, int, int]]:
    """File number, byte after the line and tokens of each line."""
    for number, path in enumerate(files):
        end = 0
        with path.open("rb") as file:
            for line in file:
                end += len(line)
                yield number, end, line.count(b" ") + 1


def read_block(files: Sequence[Path], block: Block) -> list[str]:
    """Read the lines of a block, as they stand in the files.

    Args:
        files: The same as for `plan_blocks`.
        block: The block to read.
    """
    lines: list[str] = []
    number, offset = block.file, block.offset
    while len(lines) < block.lines:
        with files[number].open("rb") as file:
            file.seek(offset)
            for line in file:
                lines.append(line.decode())
                if len(lines) == block.lines:
                    break
        number, offset = number + 1, 0
    return lines
