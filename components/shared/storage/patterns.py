"""Addresses that stand for several files by `*`, `?` or `[...]`."""

PATTERN_CHARACTERS = "*?["


def is_pattern(uri: str) -> bool:
    """Whether the address has a character that stands for others."""
    return any(character in uri for character in PATTERN_CHARACTERS)


def before_pattern(uri: str) -> str:
    """What every address that the pattern matches begins with; the whole where it is none."""
    places = [uri.find(character) for character in PATTERN_CHARACTERS]
    return uri[: min((place for place in places if place >= 0), default=len(uri))]


def fixed_folder(uri: str) -> str:
    """The innermost folder that is no pattern, with its last slash; empty: there is none."""
    return uri[: before_pattern(uri).rfind("/") + 1]


def below(uri: str, file: str) -> str:
    """A file's path below the address that stands for it; empty: it is the file itself."""
    folder = uri.rstrip("/")
    # A folder whose name has such a character is no pattern.
    if file != uri and is_pattern(uri) and not file.startswith(f"{folder}/"):
        folder = fixed_folder(uri).rstrip("/")
    return file.removeprefix(folder).lstrip("/")
