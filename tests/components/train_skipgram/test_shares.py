import random
from itertools import pairwise
from pathlib import Path

import pytest
from gensim.models.word2vec_corpusfile import CythonLineSentence

from components.train_skipgram.shares import WORDS_READ, Share, plan_shares


@pytest.fixture(name="files")
def files_of_long_and_short_lines(tmp_path: Path) -> list[Path]:
    draw = random.Random(0)
    paths = [tmp_path / f"{number}.txt" for number in range(3)]
    for path, lengths in zip(paths, ([9_000, 10_000], [500], [3_000]), strict=True):
        lines = [["é"] * draw.randint(1, draw.choice(lengths)) for _ in range(12)]
        path.write_text("".join(" ".join(line) + "\n" for line in lines))
    return paths


def _words_of_lines(path: Path, offset: int) -> list[int]:
    return [line.count(b" ") + 1 for line in path.read_bytes()[offset:].splitlines()]


@pytest.mark.parametrize("share_tokens", [1, 15_000, 10**9])
def test_the_shares_together_are_the_corpus(files: list[Path], share_tokens: int) -> None:
    shares = plan_shares(files, share_tokens)
    for number, path in enumerate(files):
        own = [share for share in shares if share.file == number]
        offsets = [share.offset for share in own]
        # From each share to the next there are as many words as it says.
        after = [sum(_words_of_lines(path, offset)) for offset in [*offsets, path.stat().st_size]]
        assert offsets[0] == 0
        assert [share.tokens for share in own] == [here - there for here, there in pairwise(after)]
    assert all(share.tokens <= share_tokens + 2 * WORDS_READ for share in shares)


def test_a_share_ends_where_gensim_looks_whether_it_has_enough(files: list[Path]) -> None:
    for share in plan_shares(files, 15_000):
        lines, read = CythonLineSentence(str(files[share.file]), share.offset), 0
        while not lines.is_eof() and read < share.tokens:
            read += sum(map(len, lines.next_batch()))
        assert read == share.tokens


def test_an_empty_file_has_no_share(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("")
    (tmp_path / "one").write_text("one\n")
    assert plan_shares([tmp_path / "empty", tmp_path / "one"], 10) == [Share(1, 0, 1)]
