"""The largest values of each row of a matrix, equal ones by column, where the matrix lies.

torch's topk does not define which of equal values it gives. On a CPU the few rows where that
matters are sorted. To find them on a GPU would be to wait for it; and there topk itself is slow, on
40,000 columns 15 times the product that made them, so that fewer are given to it.
"""

import math

import torch
from torch import Tensor

_WORD = 32
_LOW = (1 << _WORD) - 1
_HIGHEST = (1 << 31) - 1
_SHORTEST_RUN = 4


def largest(values: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return the k largest values of each row, and their columns.

    Args:
        values: float32 [n, columns], at least one column.
        k: How many; all where there are fewer columns.

    Returns:
        float32 and int64 [n, min(k, columns)], largest first, equal ones by column.
    """
    if values.device.type != "cpu":
        return largest_by_runs(values, k)
    if k >= values.shape[1]:
        return values.sort(dim=1, descending=True, stable=True)
    found, columns = values.topk(k + 1, dim=1)
    crossed = found[:, k - 1] == found[:, k]
    columns, by_column = columns[:, :k].sort(dim=1)
    found, order = found.gather(1, by_column).sort(dim=1, descending=True, stable=True)
    columns = columns.gather(1, order)
    if bool(crossed.any()):
        # A tie across the cut: which of the equal columns topk gives is not defined.
        exact = values[crossed].sort(dim=1, descending=True, stable=True).indices
        columns[crossed] = exact[:, :k]
    return found, columns


def largest_by_runs(values: Tensor, k: int) -> tuple[Tensor, Tensor]:
    """Return what `largest` does without waiting for the device.

    Rows are cut into runs of neighbouring columns. A run comes before another if its maximum is
    larger or, where they are equal, its columns are smaller. The first k runs have what is sought:
    were it in another, each of them would hold a value that comes before it.
    """
    columns = values.shape[1]
    k = min(k, columns)
    run = math.isqrt(columns // k)
    every = torch.arange(columns, device=values.device)
    if run < _SHORTEST_RUN:
        return _decoded(_keys(values, every).topk(k, dim=1).values)
    maxima = _maxima(values, run)
    _, first = _decoded(_keys(maxima, every[: maxima.shape[1]]).topk(k, dim=1).values)
    inside = (first.unsqueeze(2) * run + every[:run]).flatten(1)
    keys = _keys(values.gather(1, inside.clamp(max=columns - 1)), inside)
    # The last run may be short: what lies beyond it comes last.
    keys.masked_fill_(inside >= columns, torch.iinfo(torch.int64).min)
    return _decoded(keys.topk(k, dim=1).values)


def _maxima(values: Tensor, run: int) -> Tensor:
    whole = values.shape[1] // run * run
    maxima: Tensor = values[:, :whole].reshape(len(values), whole // run, run).amax(dim=2)
    if whole == values.shape[1]:
        return maxima
    return torch.cat([maxima, values[:, whole:].amax(dim=1, keepdim=True)], dim=1)


def _keys(values: Tensor, columns: Tensor) -> Tensor:
    """Integers in the order of values, equal ones in the opposite order of columns: int64 [n, m].

    The upper half has the value's bits, turned where it is negative so that they ascend.
    """
    bits = (values + 0.0).view(torch.int32)  # Adding turns -0.0 into the 0.0 that it equals.
    ascending = torch.where(bits < 0, bits ^ _HIGHEST, bits)
    ascending.masked_fill_(values.isnan(), _HIGHEST)
    return (ascending.long() << _WORD) + (_LOW - columns)


def _decoded(keys: Tensor) -> tuple[Tensor, Tensor]:
    ascending = (keys >> _WORD).int()
    bits = torch.where(ascending < 0, ascending ^ _HIGHEST, ascending)
    return bits.view(torch.float32), _LOW - (keys & _LOW)
