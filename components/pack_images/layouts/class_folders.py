"""Class folders, `<split>/<wnid>/<file>`: of files, or of the members of tars."""

from collections.abc import Collection, Sequence
from pathlib import Path

from components.pack_images.items import Asked, Found, Item, check_parts
from components.pack_images.layouts.beside import is_no_split
from components.shared.storage.names import is_named
from components.shared.storage.passed_over import is_passed_over


def class_folder(item: Item, asked: Asked) -> Found | None:
    """An image in its class folder, or a class folder of a tar.

    Raises:
        ValueError: A file lies in no class folder, or deeper.
    """
    if item.is_folder:
        parts = item.path.rstrip("/").split("/")
        return Found(wnid=parts[1]) if len(parts) == 2 else None
    split, wnid, file = item.parts if len(item.parts) == 3 else ("", "", "")
    check_parts(item, split, wnid, file)
    return Found(asked.split(split), wnid, file, f"folders {split}")


def local_class_folders(uri: str, files: Sequence[str], others: Collection[str]) -> set[str]:
    """Names of the class folders on a disk, the empty ones too, which no file tells of.

    Args:
        uri: images_uri; object storage has no empty folders.
        files: All files below it.
        others: Endings of files that lie in folders of other kinds.
    """
    if not Path(uri).is_dir():
        return set()
    containers = {Path(file).parent for file in files if file.endswith(tuple(others))}
    return {
        folder.name
        for folder in Path(uri).glob("*/*")
        if folder.is_dir()
        and folder not in containers
        and not is_passed_over(f"{folder.parent.name}/{folder.name}")
        and is_named(folder.name)
        and not is_no_split(folder.parent.name)
    }
