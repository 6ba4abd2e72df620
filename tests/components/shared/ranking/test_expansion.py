import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from components.shared.ranking.expansion import cut, first_occurrences, laid_out, lists_on

LISTS = st.lists(st.lists(st.integers(0, 9), max_size=5), min_size=1, max_size=12)


@given(LISTS.filter(any), st.integers(1, 15), st.integers(1, 6), st.integers(0, 2**32 - 1))
def test_chosen_lists_are_joined_repeats_left_out_and_the_row_cut(
    lists: list[list[int]], chosen: int, k: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    rows = np.stack([rng.permutation(len(lists))[:chosen] for _ in range(3)])
    starts = np.cumsum([0, *map(len, lists)])
    laid = lists_on("cpu", starts, np.array([item for own in lists for item in own]))
    items, slots, there = laid_out(laid, torch.from_numpy(rows))
    kept = first_occurrences(items, there)
    found, places = cut(kept, k, [(items, -1), (slots, -1)])
    for row, got, of_slot in zip(rows, found.tolist(), places.tolist(), strict=True):
        expected: dict[int, int] = {}
        for slot, number in enumerate(row):
            for item in lists[number]:
                expected.setdefault(item, slot)
        pairs = [*expected.items(), *[(-1, -1)] * k][:k]
        assert list(zip(got, of_slot, strict=True)) == pairs
