"""Ranking images against ImageNet's 21,842 labels, next to the bare matrix product.

    python benchmarks/ranking.py [images]

50,000 images, ImageNet's validation part, where no number is given. Prints both times of one run,
their ratio, which is what stays the same across machines, and how much memory the ranking took
beyond its inputs and outputs.
"""

import resource
import sys
import time
from collections.abc import Callable

import numpy as np
import torch

from components.shared.ranking.nearest_labels import CandidateTerms, rank_positions, terms_of

IMAGES, LABELS, DIM, BLOCK = 50_000, 21_842, 500, 1024


def main(images: int) -> None:
    """Time one ranking and one product of the same sizes."""
    rng = np.random.default_rng(0)
    candidates = _candidates(rng)
    queries = rng.normal(size=(images, DIM)).astype(np.float32)
    before = _peak_megabytes()
    ranking = _seconds(lambda: rank_positions(queries, candidates))
    memory = _peak_megabytes() - before
    product = _seconds(lambda: _product(queries, candidates))
    print(f"{images:,} images, {LABELS:,} labels, dimension {DIM}")
    print(f"ranking {ranking:.2f} s, matrix product {product:.2f} s: {ranking / product:.2f} times")
    print(f"{memory:,.0f} MB more at the peak of the ranking")


def _candidates(rng: np.random.Generator) -> CandidateTerms:
    vectors = rng.normal(size=(LABELS, DIM)).astype(np.float32)
    wnids = [f"n{number:08d}" for number in range(LABELS)]
    terms = [(f"term-{w}", vector, [w]) for w, vector in zip(wnids, vectors, strict=True)]
    return terms_of(terms, wnids)


def _product(queries: np.ndarray, candidates: CandidateTerms) -> None:
    right = torch.from_numpy(candidates.vectors).T.contiguous()
    for block in torch.from_numpy(queries).split(BLOCK):
        block @ right


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else IMAGES)
