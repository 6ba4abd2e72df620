"""What lies among people's files and is none of them: hidden files, and what systems leave behind.

Such a file is neither read nor uploaded, and its coming and going changes no source. Whoever lists
files counts what is passed over.
"""

HIDDEN = "."
LEFT_BY_SYSTEMS = frozenset(
    {
        "$recycle.bin",
        "@eadir",
        "__macosx",
        "desktop.ini",
        "ehthumbs.db",
        "icon\r",
        "lost+found",
        "system volume information",
        "thumbs.db",
        "thumbs.db:encryptable",
    }
)
"""Names that Windows, macOS, file systems and network disks give, in small letters."""


def is_passed_over(path: str) -> bool:
    """Whether a file, or a folder on the way to it, is hidden or a system's own.

    Args:
        path: Below the address that was named: what a person names is read, whatever its name.
    """
    return any(_is_no_data(part) for part in path.split("/"))


def _is_no_data(name: str) -> bool:
    hidden = name.startswith(HIDDEN) and name not in (".", "..")
    return hidden or name.lower() in LEFT_BY_SYSTEMS
