from pathlib import Path

import pytest

from components.train_skipgram.blocks import plan_blocks, read_block


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    texts = ["a b c\nd e\nf\n", "", "é ü\nh i j k\n", "l\n"]
    paths = [tmp_path / f"{number}.txt" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


@pytest.mark.parametrize("block_tokens", [1, 2, 3, 4, 5, 6, 8, 100])
def test_the_blocks_together_are_the_corpus(files: list[Path], block_tokens: int) -> None:
    blocks = plan_blocks(files, block_tokens)
    lines = [line for block in blocks for line in read_block(files, block)]
    assert "".join(lines) == "".join(path.read_text() for path in files)
    assert all(block.tokens >= block_tokens for block in blocks[:-1])
    for block in blocks:
        assert sum(len(line.split()) for line in read_block(files, block)) == block.tokens


def test_a_block_goes_over_the_end_of_a_file(files: list[Path]) -> None:
    first, second, last = plan_blocks(files, 5)
    assert (first.tokens, second.tokens, last.tokens) == (5, 7, 1)
    assert read_block(files, second) == ["f\n", "é ü\n", "h i j k\n"]


def test_an_empty_corpus_has_no_blocks(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    assert plan_blocks([tmp_path / "empty"], 10) == []
