"""The quickstart's data set: a taxonomy, a text and images, made from a seed in seconds.

Made by this project; the layout is that of the real sources, so that the same stages read both.
"""

import json
import shutil
import tempfile
from pathlib import Path

from components.shared.execution.progress import say
from components.shared.storage.atomic import write_json
from pipeline.data.quickstart_classes import KINDS, edges, terms
from pipeline.data.quickstart_images import write_images
from pipeline.data.quickstart_text import write_text

VERSION = 4
MARKER = "quickstart.json"
PARTS = ("taxonomy", "text", "images")
CLASSES: tuple[str, ...] = tuple(kind.wnid for kind in KINDS)


def write_quickstart_data(folder: Path, seed: int = 0) -> None:
    """Write the data set into a folder; one that is finished and of this seed is left as it is.

    Writes `taxonomy/words.txt`, `taxonomy/imagenet.structure.txt`, `text/*` (plain text and a bz2
    file as WikiExtractor writes them) and `images/{train,val}/<wnid>/*.jpg` (64 x 64).

    Args:
        folder: Where to; made if absent.
        seed: What every drawn word and pixel follows from.

    Raises:
        ValueError: The folder holds something else.
    """
    if _is_finished(folder, seed):
        return
    say(f"writing the quickstart data to {folder}")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}-", dir=folder.parent) as aside:
        _write_all(Path(aside), seed)
        _put_in_place(Path(aside), folder)


def _is_finished(folder: Path, seed: int) -> bool:
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    marker = folder / MARKER
    if not marker.is_file():
        raise ValueError(
            f"{folder} holds files that are not quickstart data; name another folder or empty it"
        )
    try:
        return bool(json.loads(marker.read_text(encoding="utf-8")) == _facts(seed))
    # Cut or damaged: ours, and not known to be finished.
    except ValueError:
        return False


def _facts(seed: int) -> dict[str, int]:
    return {"version": VERSION, "seed": seed}


def _write_all(folder: Path, seed: int) -> None:
    write_taxonomy(folder / "taxonomy")
    write_text(folder / "text", seed)
    write_images(folder / "images", seed)
    write_json(folder / MARKER, _facts(seed))


def _put_in_place(aside: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    # Until the last line the folder is ours but unfinished: a marker without a seed says so.
    write_json(folder / MARKER, {})
    for part in PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)
        (aside / part).rename(folder / part)
    (aside / MARKER).replace(folder / MARKER)


def write_taxonomy(folder: Path) -> None:
    """Write words.txt (wnid, tab, terms) and the undirected edges, as ImageNet gives them."""
    folder.mkdir(parents=True)
    words = "".join(f"{wnid}\t{', '.join(names)}\n" for wnid, names in terms())
    (folder / "words.txt").write_text(words, encoding="utf-8")
    pairs = "".join(f"{one} {other}\n" for one, other in sorted(edges()))
    (folder / "imagenet.structure.txt").write_text(pairs, encoding="utf-8")
