"""The hierarchical metrics as the paper words them: sets, one k and one image at a time."""


def correct_set(edges: list[tuple[str, str]], truth: str, valid: set[str], k: int) -> set[str]:
    """hCorrectSet by the words of A.3."""
    correct: set[str] = set()
    reached: set[str] = set()
    shell = {truth}
    while True:
        reached |= shell
        correct |= shell & (valid | {truth})
        if len(correct) >= k:
            return correct
        beyond = {b for a, b in edges if a in shell} | {a for a, b in edges if b in shell}
        shell = beyond - reached
        if not shell:
            return correct


def precision(predicted: list[str], correct: set[str], k: int) -> float:
    return len([wnid for wnid in predicted[:k] if wnid in correct]) / k


def hit(predicted: list[str], truth: str, k: int) -> bool:
    return truth in predicted[:k]


def distance(edges: list[tuple[str, str]], a: str, b: str) -> int | None:
    """Hops between two nodes, None where there is no way."""
    reached = {a}
    hops = 0
    while b not in reached:
        beyond = {y for x, y in edges if x in reached} | {x for x, y in edges if y in reached}
        if beyond <= reached:
            return None
        reached |= beyond
        hops += 1
    return hops
