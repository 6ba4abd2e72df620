"""Nested brackets taken out by looking for the first closed pair again and again."""

import re


def without_templates_slowly(text: str) -> str:
    parts = re.split(r"(\{\{|\}\})", text)
    return _without_pairs(parts, "{{", "}}")


def without_tables_slowly(text: str) -> str:
    parts = []
    for line in text.splitlines(keepends=True):
        start = line.lstrip(" \t:*#")
        end = line.lstrip(" \t")
        if start.startswith("{|"):
            parts += ["{|", " " + start[2:]]
        elif end.startswith("|}"):
            parts += ["|}", " " + end[2:]]
        else:
            parts.append(line)
    return _without_pairs(parts, "{|", "|}")


def _without_pairs(parts: list[str], opening: str, closing: str) -> str:
    while True:
        pair = _first_pair(parts, opening, closing)
        if pair is None:
            return " ".join(part for part in parts if part not in (opening, closing))
        start, end = pair
        parts = [*parts[:start], *parts[end + 1 :]]


def _first_pair(parts: list[str], opening: str, closing: str) -> tuple[int, int] | None:
    for end, part in enumerate(parts):
        if part == closing:
            for start in range(end - 1, -1, -1):
                if parts[start] == opening:
                    return start, end
    return None
