"""Links of documents, as they are in the project, turned into those of the site."""

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
