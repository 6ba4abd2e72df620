"""Longest match by trying every term at every place, longest first."""


def join_slowly(tokens: list[str], terms: set[str]) -> list[str]:
    if not tokens:
        return []
    for length in range(len(tokens), 1, -1):
        if "_".join(tokens[:length]) in terms:
            return ["_".join(tokens[:length]), *join_slowly(tokens[length:], terms)]
    return [tokens[0], *join_slowly(tokens[1:], terms)]
