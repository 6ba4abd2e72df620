"""Phrases by the letter: every pair counted in lists, then joined from left to right."""

from itertools import pairwise

from gensim.models.phrases import ENGLISH_CONNECTOR_WORDS as CONNECTORS


def phrase_scores_slowly(
    lines: list[list[str]], minimum_count: int, threshold: float
) -> dict[tuple[str, ...], float]:
    words = [word for line in lines for word in line if word not in CONNECTORS]
    pairs = [pair for line in lines for pair in pairs_of(line)]
    seen = len(set(words)) + len(set(pairs))
    scores = {
        pair: (pairs.count(pair) - minimum_count)
        / (words.count(pair[0]) * words.count(pair[-1]))
        * seen
        for pair in dict.fromkeys(pairs)
    }
    return {pair: score for pair, score in scores.items() if score > threshold}


def pairs_of(line: list[str]) -> list[tuple[str, ...]]:
    places = [place for place, word in enumerate(line) if word not in CONNECTORS]
    return [tuple(line[a : b + 1]) for a, b in pairwise(places)]


def join_phrases_slowly(line: list[str], phrases: set[tuple[str, ...]]) -> list[str]:
    joined: list[str] = []
    place = 0
    while place < len(line):
        lengths = [n for n in range(2, len(line) + 1) if tuple(line[place : place + n]) in phrases]
        length = lengths[0] if lengths else 1
        joined.append("_".join(line[place : place + length]))
        place += length
    return joined
