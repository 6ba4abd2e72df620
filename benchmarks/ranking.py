"""Ranking images against 21,842 labels, next to a loop over them and to the bare product.

    python benchmarks/ranking.py [images]

4,096 images where no number is given, on the GPU where there is one and on the CPU. The bound is
the product of images and terms and torch's topk of it, in blocks of as many images; the plain way
sorts all terms of an image and goes through them. All three are measured in turn; their ratios are
what stays the same across machines.
"""

import resource
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from rows import Row, in_turn

from components.shared.device import pick_device
from components.shared.ranking.nearest_labels import (
    LIST_LENGTH,
    NEAREST_TERMS,
    CandidateTerms,
    rank_positions,
    terms_of,
)

IMAGES, LABELS, TERMS, DIM, BLOCK = 4096, 21_842, 40_000, 500, 1024
PLAIN_IMAGES, ROUNDS = 8, 3


def candidate_terms(labels: int, terms: int, dim: int) -> CandidateTerms:
    """Terms with vectors of their own; every fifth names two labels."""
    rng = np.random.default_rng(0)
    wnids = [f"n{number:08d}" for number in range(labels)]
    vectors = rng.normal(size=(terms, dim)).astype(np.float32)
    second = rng.integers(labels, size=terms)
    table = [
        (f"term-{n:06d}", vectors[n], [wnids[n % labels]] + [wnids[second[n]]] * (n % 5 == 0))
        for n in range(terms)
    ]
    return terms_of(table, wnids)


def row(images: int, labels: int, terms: int, dim: int, device: torch.device, rounds: int) -> Row:
    """Images a second on a device; only ours sends its answers to the host."""
    candidates = candidate_terms(labels, terms, dim)
    points = torch.randn(images, dim, generator=torch.Generator().manual_seed(0)).to(device)
    few = points[:PLAIN_IMAGES].cpu().numpy()
    ways: dict[str, Callable[[], object]] = {
        "ours": partial(rank_positions, points, candidates, device=device),
        "bound": partial(product_and_topk, points, candidates.on(device).vectors),
        "plain": partial(one_by_one, few, candidates),
    }
    for warm in ("ours", "bound"):
        ways[warm]()
    seconds = in_turn(ways, rounds)
    name = f"ranking {terms:,} terms of {labels:,} labels, dimension {dim}, on {device.type}"
    plain = len(few) / seconds["plain"]
    return Row(name, images / seconds["ours"], plain, images / seconds["bound"], "images/s")


def product_and_topk(points: torch.Tensor, vectors: torch.Tensor) -> None:
    """The product and the largest of it, and no more."""
    size = BLOCK if points.device.type == "cpu" else len(points)
    for block in points.split(size):
        (block @ vectors.T).topk(min(NEAREST_TERMS + 1, len(vectors)), dim=1)
    if points.device.type == "cuda":
        torch.cuda.synchronize()


def one_by_one(points: np.ndarray, candidates: CandidateTerms) -> list[list[str]]:
    """Rank as one writes it down: all terms of an image sorted, the labels of the first."""
    expansions = [
        [candidates.wnids[number] for number in candidates.synsets[start:end]]
        for start, end in zip(candidates.starts, candidates.starts[1:], strict=False)
    ]
    ranked = []
    for point in points:
        cosines = candidates.vectors @ (point / np.linalg.norm(point))
        nearest = sorted(range(len(cosines)), key=lambda term: (-cosines[term], term))
        labels = dict.fromkeys(w for term in nearest[:NEAREST_TERMS] for w in expansions[term])
        ranked.append(list(labels)[:LIST_LENGTH])
    return ranked


def rows(is_quick: bool = False, images: int = IMAGES) -> list[Row]:
    """On the CPU and, where there is one, on the GPU."""
    devices = [torch.device("cpu")]
    if torch.cuda.is_available():
        devices.append(pick_device())
    if is_quick:
        return [row(64, 200, 300, 16, device, 1) for device in devices]
    return [row(images, LABELS, TERMS, DIM, device, ROUNDS) for device in devices]


def gpu_rows() -> list[tuple[str, float, None, float]]:
    """On the GPU alone: what is ranked, the bound, no input, ours."""
    if not torch.cuda.is_available():
        return []
    found = row(IMAGES, LABELS, TERMS, DIM, pick_device(), ROUNDS)
    assert found.bound
    return [(f"{found.name}; alone: product and topk", found.bound, None, found.ours)]


def main(images: int) -> None:
    """Print what each device makes of it."""
    for found in rows(images=images):
        assert found.plain
        assert found.bound
        print(f"{found.name}: {found.ours:,.0f} images/s")
        print(f"  {found.bound / found.ours:.2f} times the time of product and topk")
        print(f"  {found.ours / found.plain:,.0f} times as fast as one image after another")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:,.0f} MB at the peak of the whole process")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
