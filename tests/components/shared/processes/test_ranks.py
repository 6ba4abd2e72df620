from functools import partial
from pathlib import Path

import pytest
import torch
from support.ranks import tell

from components.shared.processes.launching import launched
from components.shared.processes.ranks import (
    Part,
    first_rank_first,
    gathered,
    is_first,
    own_part,
    part_of_batch,
    summed,
)


def test_who_works_alone_has_everything() -> None:
    assert own_part(7) == Part(0, 7, 7, 1)
    assert own_part(7).weight == 1
    assert is_first()
    assert summed(torch.tensor(3.0)) == 3
    assert gathered("x") == ["x"]
    with first_rank_first("nothing"):
        assert part_of_batch(1, "visual_processes") == Part(0, 1, 1, 1)


def test_processes_divide_rows_and_add_up_what_they_find(tmp_path: Path) -> None:
    logged: list[object] = []
    found = launched(2, partial(tell, tmp_path), lambda row, step: logged.append((row, step)))
    assert found["sum"] == 3
    assert logged == [({"rank": 0}, 3)]


def test_parts_are_neighbours_and_cover_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    module = "components.shared.processes.ranks"
    monkeypatch.setattr(f"{module}.ranks", lambda: 3)
    parts = []
    for number in range(3):
        monkeypatch.setattr(f"{module}.rank", lambda number=number: number)
        parts.append(own_part(8))
    assert [(part.start, part.stop) for part in parts] == [(0, 2), (2, 5), (5, 8)]
    assert sum(part.weight for part in parts) == pytest.approx(3)
    with pytest.raises(ValueError, match=r"2 image\(s\) for 3 processes: lower visual_processes"):
        part_of_batch(2, "visual_processes")
