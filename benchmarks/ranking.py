"""Ranking images against ImageNet's 21,842 labels, next to the bare matrix product.

    python benchmarks/ranking.py [images]

Prints both times of one run and their ratio; the ratio is what stays the same across machines.
"""

import sys
import time

import numpy as np
import torch

from components.shared.ranking import rank_positions, terms_of

LABELS, DIM = 21_842, 500


def main(images: int) -> None:
    """Time one ranking and one product of the same sizes."""
    rng = np.random.default_rng(0)
    vectors = rng.normal(size=(LABELS, DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    queries = rng.normal(size=(images, DIM)).astype(np.float32)
    wnids = [f"n{number:08d}" for number in range(LABELS)]
    terms = [(f"term-{w}", vector, [w]) for w, vector in zip(wnids, vectors, strict=True)]
    candidates = terms_of(terms, wnids)
    started = time.perf_counter()
    rank_positions(queries, candidates)
    ranking = time.perf_counter() - started
    left, right = torch.from_numpy(queries), torch.from_numpy(vectors).T.contiguous()
    started = time.perf_counter()
    for block in left.split(1024):
        block @ right
    product = time.perf_counter() - started
    print(f"{images:,} images, {LABELS:,} labels, dimension {DIM}")
    print(f"ranking {ranking:.2f} s, matrix product {product:.2f} s: {ranking / product:.2f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
