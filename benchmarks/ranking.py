"""Ranking images against 21,842 labels, next to a loop over them and to the bare product.

    python benchmarks/ranking.py [images]

4,096 images where no number is given, on the GPU where there is one and on the CPU. The bound is
the product of images and terms and torch's topk of it, and in a row of its own the product alone,
in blocks of as many images; the plain way sorts all terms of an image and goes through them. All
are measured in turn; their ratios are what stays the same across machines. Asked is at most 1.2
times the time of the product on a CPU, and 1.5 times that of product and topk on a GPU.
"""

import math
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


def rows_on(
    images: int, labels: int, terms: int, dim: int, device: torch.device, rounds: int
) -> list[Row]:
    """Images a second on a device, by each bound; only ours sends its answers to the host."""
    candidates = candidate_terms(labels, terms, dim)
    points = torch.randn(images, dim, generator=torch.Generator().manual_seed(0)).to(device)
    few, vectors = points[:PLAIN_IMAGES].cpu().numpy(), candidates.on(device).vectors
    ways: dict[str, Callable[[], object]] = {
        "ours": partial(rank_positions, points, candidates, device=device),
        "topk": partial(product_and_topk, points, vectors),
        "product": partial(product, points, vectors),
        "plain": partial(one_by_one, few, candidates, expansions_of(candidates)),
    }
    for warm in ("ours", "topk", "product"):
        ways[warm]()
    seconds = in_turn(ways, rounds)
    name = f"ranking {terms:,} terms of {labels:,} labels, dimension {dim}, on {device.type}"
    ours, topk, bare = (images / seconds[way] for way in ("ours", "topk", "product"))
    plain = len(few) / seconds["plain"]
    return [
        Row(f"{name}; one image after another; product and topk", ours, plain, topk, "images/s"),
        Row(f"{name}; the product alone", ours, None, bare, "images/s"),
    ]


def product_and_topk(points: torch.Tensor, vectors: torch.Tensor) -> None:
    """The product and the largest of it, and no more."""
    for block in points.split(_block(points)):
        (block @ vectors.T).topk(min(NEAREST_TERMS + 1, len(vectors)), dim=1)
    _wait(points)


def product(points: torch.Tensor, vectors: torch.Tensor) -> None:
    """The product alone."""
    for block in points.split(_block(points)):
        block @ vectors.T
    _wait(points)


def _block(points: torch.Tensor) -> int:
    return BLOCK if points.device.type == "cpu" else len(points)


def _wait(points: torch.Tensor) -> None:
    if points.device.type == "cuda":
        torch.cuda.synchronize()


def expansions_of(candidates: CandidateTerms) -> list[list[str]]:
    """The labels of each term."""
    return [
        [candidates.wnids[number] for number in candidates.synsets[start:end]]
        for start, end in zip(candidates.starts, candidates.starts[1:], strict=False)
    ]


def one_by_one(
    points: np.ndarray, candidates: CandidateTerms, expansions: list[list[str]]
) -> list[list[str]]:
    """Rank as one writes it down: all terms of an image sorted, the labels of the first."""
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
    sizes = (64, 200, 300, 16) if is_quick else (images, LABELS, TERMS, DIM)
    rounds = 1 if is_quick else ROUNDS
    return [row for device in devices for row in rows_on(*sizes, device, rounds)]


def gpu_rows() -> list[tuple[str, float, float | None, float]]:
    """On the GPU alone: what is ranked, the bound, no input, ours."""
    if not torch.cuda.is_available():
        return []
    found = rows_on(IMAGES, LABELS, TERMS, DIM, pick_device(), ROUNDS)
    return [(f"{row.name} as `alone`", row.bound or math.inf, None, row.ours) for row in found]


def main(images: int) -> None:
    """Print what each device makes of it."""
    for found in rows(images=images):
        print(f"{found.name}: {found.ours:,.0f} images/s")
        if found.bound:
            print(f"  {found.bound / found.ours:.2f} times the time of the bound")
        if found.plain:
            print(f"  {found.ours / found.plain:,.0f} times as fast as one image after another")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak:,.0f} MB at the peak of the whole process")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
