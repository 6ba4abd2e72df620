"""The name that tells an MLflow run apart from the others."""

from datetime import datetime


def told_apart(name: str, preset: str, is_taken: bool, now: datetime) -> str:
    """Return a run's name, with its start where the name alone tells nothing.

    Args:
        name: That a person or a schedule gave, or the preset's.
        preset: The preset's name.
        is_taken: Whether another run has it: every run of a schedule after the first.
        now: The start, in UTC.
    """
    return f"{name} {now:%Y-%m-%d %H:%M}" if is_taken or name == preset else name
