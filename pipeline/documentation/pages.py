"""Documents as they are in the project, turned into pages of the site: links, and parts of them."""

import os
import re
from collections.abc import Mapping
from pathlib import PurePosixPath

DOCUMENTS = "docs"
_LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#:]+)(#[^)\s]*)?\)")


def for_the_site(text: str, file: str, pages: Mapping[str, str], repository: str = "") -> str:
    """Return a document with its links as its page of the site needs them.

    A file that is no page is linked in the repository, or named alone where that has no address.

    Args:
        text: Markdown.
        file: Its path in the project, `docs/data.md`.
        pages: Path in the project -> page, of documents that lie elsewhere than in docs/.
        repository: Address of the project's files; empty: none.
    """
    here = PurePosixPath(pages.get(file, file.removeprefix(f"{DOCUMENTS}/")))

    def link(match: re.Match[str]) -> str:
        image, label, target, anchor = match.groups(default="")
        path = os.path.normpath(PurePosixPath(file).parent / target)
        if path in pages or path.startswith(f"{DOCUMENTS}/"):
            page = pages.get(path, path.removeprefix(f"{DOCUMENTS}/"))
            return f"{image}[{label}]({os.path.relpath(page, here.parent)}{anchor})"
        return f"[{label}]({repository.rstrip('/')}/{path})" if repository else label

    return _LINK.sub(link, text)


def section(text: str, heading: str) -> str:
    """Return what stands below a heading, up to the next of its level or above.

    The first level is no end: a document has one title, and Python's comments look like more.

    Args:
        text: Markdown, in which the heading stands once.
        heading: The whole line, `### A loss`.
    """
    level = len(heading) - len(heading.lstrip("#"))
    below = text.partition(f"\n{heading}\n")[2]
    assert below, f"there is no {heading!r}"
    return re.split(rf"^#{{2,{level}}} ", below, maxsplit=1, flags=re.MULTILINE)[0]
