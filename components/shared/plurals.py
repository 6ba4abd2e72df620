"""Numbers with their nouns: "1 label", "2,000 labels"."""


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun.

    Args:
        number: How many.
        one: The noun of one.
        many: That of several; empty: with an s.
    """
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"


def verb(number: int, one: str, many: str) -> str:
    """Return the form of a verb that goes with a number."""
    return one if number == 1 else many
