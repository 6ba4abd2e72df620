import random
from pathlib import Path

import pytest
from support.dying_store import DyingStore, Killed
from support.settings import changed, unchecked
from twins.phrases import join_phrases_slowly, phrase_scores_slowly

from components.shared.settings.skipgram import SkipgramSettings
from components.shared.storage.checkpoint import CheckpointStore
from components.train_skipgram.phrases import (
    BETWEEN,
    PhrasePass,
    joined_lines,
    learn_pass,
    learn_phrases,
    restore,
)

CONFIG = unchecked(SkipgramSettings, phrase_passes=1, phrase_threshold=0.5, phrase_minimum_count=2)
WORDS = ["new", "york", "times", "bank", "of", "the", "america", "in", "tiger_shark", "fin", "x"]


def _lines(seed: int) -> list[list[str]]:
    draw = random.Random(seed)
    pieces = [["new", "york"], ["bank", "of", "america"], ["new", "york", "times"]]
    pieces += [[word] for word in WORDS]
    return [[w for piece in draw.choices(pieces, k=8) for w in piece] for _ in range(60)]


def _file(tmp_path: Path, lines: list[list[str]]) -> Path:
    path = tmp_path / "corpus.txt"
    path.write_text("".join(" ".join(line) + "\n" for line in lines))
    return path


def _counts(lines: list[list[str]]) -> dict[str, int]:
    tokens = [token for line in lines for token in line]
    return {token: tokens.count(token) for token in set(tokens)}


def test_the_score_is_the_one_worked_by_hand() -> None:
    # Words: new 4, york 4, bus 1; pairs: new-york 4, york-bus 1. (4 - 2) / (4 * 4) * (3 + 2).
    lines = [["new", "york"]] * 3 + [["new", "york", "bus"]]
    found = learn_pass(CONFIG, lines, set())
    assert found.scores == {f"new{BETWEEN}york": pytest.approx(0.625)}
    assert found.counts == {f"new{BETWEEN}york": 4}
    assert found.forgotten == 0


@pytest.mark.parametrize("seed", range(5))
def test_scores_and_joined_text_are_those_of_the_plain_twin(seed: int, tmp_path: Path) -> None:
    lines = _lines(seed)
    found = learn_pass(CONFIG, lines, set())
    expected = phrase_scores_slowly(lines, 2, 0.5)
    assert {tuple(p.split(BETWEEN)): s for p, s in found.scores.items()} == pytest.approx(expected)
    joined = list(joined_lines([_file(tmp_path, lines)], [found]))
    assert joined == [join_phrases_slowly(line, set(expected)) for line in lines]


def test_connector_words_are_inside_a_phrase_but_never_at_its_end() -> None:
    lines = [["the", "bank", "of", "america", "in", "a"]] * 9
    found = learn_pass(changed(CONFIG, phrase_threshold=0.2), lines, set())
    assert list(found.scores) == [BETWEEN.join(["bank", "of", "america"])]


@pytest.mark.parametrize("passes", [1, 2, 3])
def test_a_term_of_the_taxonomy_is_no_part_of_a_phrase(tmp_path: Path, passes: int) -> None:
    lines = [["tiger_shark", "fin"], ["blue", "tiger_shark"]] * 9 + [["blue", "whale"]] * 9
    config = unchecked(
        SkipgramSettings, phrase_passes=passes, phrase_threshold=0.1, phrase_minimum_count=2
    )
    files = [_file(tmp_path, lines)]
    found = learn_phrases(config, files, _counts(lines), CheckpointStore(str(tmp_path / "c")))
    assert set(found[0].scores) == {f"blue{BETWEEN}whale"}
    tokens = {token for line in joined_lines(files, found) for token in line}
    assert tokens == {"tiger_shark", "fin", "blue", "blue_whale"}


def test_a_second_pass_makes_longer_phrases_of_the_first_ones(tmp_path: Path) -> None:
    lines = [["new", "york", "times", "x"], ["new", "york", "y"], ["z", "new", "york", "times"]]
    config = unchecked(
        SkipgramSettings, phrase_passes=2, phrase_threshold=0.2, phrase_minimum_count=4
    )
    files = [_file(tmp_path, lines * 4)]
    counts = _counts(lines * 4)
    first, second = learn_phrases(config, files, counts, CheckpointStore(str(tmp_path / "c")))
    assert list(first.scores) == [f"new{BETWEEN}york", f"york{BETWEEN}times"]
    assert list(second.scores) == [f"new_york{BETWEEN}times"]
    # Words: new_york 12, times 8, x 4, y 4, z 4; pairs: with times 8, times-x 4, with y 4, z- 4.
    assert second.scores[f"new_york{BETWEEN}times"] == pytest.approx((8 - 4) / (12 * 8) * (5 + 4))
    last = list(joined_lines(files, [first, second]))[:3]
    assert last == [["new_york_times", "x"], ["new_york", "y"], ["z", "new_york_times"]]


def test_what_was_forgotten_to_save_memory_is_counted() -> None:
    lines = [["new", "york"]] * 9 + [[f"{n}", f"{n}b"] for n in range(40)]
    found = learn_pass(CONFIG, lines, set(), most_entries=30)
    assert found.forgotten > 0
    assert learn_pass(CONFIG, lines, set()).forgotten == 0


def test_finished_passes_are_not_learned_again(tmp_path: Path) -> None:
    lines = _lines(0)
    config = unchecked(
        SkipgramSettings, phrase_passes=2, phrase_threshold=0.5, phrase_minimum_count=2
    )
    files, counts = [_file(tmp_path, lines)], _counts(lines)
    undisturbed = learn_phrases(config, files, counts, CheckpointStore(str(tmp_path / "one")))
    with pytest.raises(Killed):
        learn_phrases(config, files, counts, DyingStore(str(tmp_path / "two"), lambda _: True))
    store = CheckpointStore(str(tmp_path / "two"))
    assert restore(store) == undisturbed[:1]
    assert learn_phrases(config, files, counts, store) == undisturbed
    # With both there, the text is not read.
    assert learn_phrases(config, [tmp_path / "none"], counts, store) == undisturbed


def test_a_pass_without_phrases_is_kept_like_any_other(tmp_path: Path) -> None:
    store = CheckpointStore(str(tmp_path / "c"))
    lines = [["one", "two"]]
    files = [_file(tmp_path, lines)]
    found = learn_phrases(CONFIG, files, _counts(lines), store)
    assert found == restore(store) == [PhrasePass({}, {})]
    assert list(joined_lines(files, found)) == lines


def test_a_threshold_of_zero_is_refused(tmp_path: Path) -> None:
    config = unchecked(SkipgramSettings, phrase_passes=1, phrase_threshold=0.0)
    with pytest.raises(ValueError, match="skipgram_phrase_threshold is 0"):
        learn_phrases(config, [], {}, CheckpointStore(str(tmp_path)))
