"""Which files are meant where a person names images, or folders of images."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ImageFiles:
    """Files that shall be read as images.

    Attributes:
        files: Each once: what was named, and what lies below the folders that were, by name.
        passed_over: How many files lie there that are not called as an image is.
    """

    files: tuple[Path, ...]
    passed_over: int = 0


def image_files(named: Iterable[Path]) -> ImageFiles:
    """List the images that files and folders stand for.

    A file that is named is an image, whatever it is called; of a folder those are that are called
    so (`.jpg`, `.JPEG`, `.png`, and what else can be opened).

    Raises:
        ValueError: A folder cannot be entered, a link in it leads nowhere, or no image is there.
    """
    files: dict[Path, None] = {}
    passed_over = 0
    for path in named:
        found = _below(path) if path.is_dir() else ImageFiles((path,))
        files.update(dict.fromkeys(found.files))
        passed_over += found.passed_over
    return ImageFiles(tuple(files), passed_over)


def _below(folder: Path) -> ImageFiles:
    from components.shared.storage.local_files import files_of

    suffixes = _suffixes()
    every = [Path(found.uri) for found in files_of(str(folder)) if found.is_data]
    images = sorted(file for file in every if file.suffix.lower() in suffixes)
    if not images:
        raise ValueError(f"{str(folder)!r} holds no image: name a folder with .jpg or .png files.")
    return ImageFiles(tuple(images), len(every) - len(images))


def _suffixes() -> frozenset[str]:
    from PIL import Image

    from components.shared.images.decoding import FORMATS

    every = Image.registered_extensions()
    return frozenset(suffix for suffix, name in every.items() if name in FORMATS)
