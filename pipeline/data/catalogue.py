"""Public data and where they officially are: `python pipeline.py data NAME`.

Each is fetched with resume and checked (see download), unpacked into the layout that the stages
read. data.json in its folder says what the folder is for and, once all is there, that it is
finished: such a one is left as it is, and a folder of anything else is refused.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from components.shared.execution.progress import say
from components.shared.storage.atomic import write_json
from components.shared.storage.http_requests import DEFAULT_PATIENCE, Patience
from pipeline.data.download import Checksum, download, fetch_text
from pipeline.data.unpacking import gunzip, unpack_tiny_imagenet, untar_members, unzip_members

MARKER = "data.json"
UNPACKING = ".unpacking-"
Unpack = Callable[[Path, Path], Mapping[str, int] | None]
"""Unpacks an archive into a folder; returns counts to record."""


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    Attributes:
        base: Official address of the folder it lies in; `--from` goes in its place.
        path: Its path below that.
        checksum: What it must hash to; None: none is published.
        unpack: How it is unpacked, after which it is removed; None: it is kept as it is.
    """

    base: str
    path: str
    checksum: Checksum | None = None
    unpack: Unpack | None = None

    @property
    def name(self) -> str:
        """Its name without folders."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class DataSet:
    """Public data that a stage can read.

    Attributes:
        title: What it is.
        size: About how much is fetched.
        terms: Licence or terms of use.
        files: What is fetched.
        wiki: Name of a Wikimedia wiki whose latest dump is fetched; empty: none.
        arguments: What to pass to `run`; `{folder}` and, of a dump, `{file}` stand for the paths.
    """

    title: str
    size: str
    terms: str
    arguments: str
    files: tuple[RemoteFile, ...] = ()
    wiki: str = ""


def _wordnet(archive: Path, folder: Path) -> None:
    names = {"dict/data.noun": "data.noun", "dict/index.noun": "index.noun", "LICENSE": "LICENSE"}
    untar_members(archive, {f"WordNet-3.0/{name}": to for name, to in names.items()}, folder)


def _glove(archive: Path, folder: Path) -> None:
    unzip_members(archive, {"glove.6B.300d.txt": "glove.6B.300d.txt"}, folder)


def _fasttext(archive: Path, folder: Path) -> None:
    unzip_members(archive, {"wiki-news-300d-1M.vec": "wiki-news-300d-1M.vec"}, folder)


def _google_news(archive: Path, folder: Path) -> None:
    gunzip(archive, folder / "word2vec-google-news-300.bin")


WIKIMEDIA = "https://dumps.wikimedia.org"
WIKIPEDIA_TERMS = "CC BY-SA 4.0 and GFDL: https://dumps.wikimedia.org/legal.html"
IMAGENET_TERMS = "non-commercial research and education: https://image-net.org/download"
CATALOGUE: Mapping[str, DataSet] = {
    "tiny-imagenet": DataSet(
        title="Tiny-ImageNet: 200 classes, 110,000 labelled images of 64 x 64 pixels",
        size="248 MB",
        terms=IMAGENET_TERMS,
        arguments="--set images_uri={folder}",
        files=(
            RemoteFile(
                "http://cs231n.stanford.edu",
                "tiny-imagenet-200.zip",
                Checksum("md5", "90528d7ca1a48142e341f4ef8d21d0de"),
                unpack_tiny_imagenet,
            ),
        ),
    ),
    "wikipedia": DataSet(
        title="English Wikipedia, the latest dump of all articles",
        size="about 25 GB",
        terms=WIKIPEDIA_TERMS,
        arguments="--set 'corpus_uris=[\"{file}\"]'",
        wiki="enwiki",
    ),
    "wikipedia-simple": DataSet(
        title="Simple English Wikipedia, the latest dump: small enough to try things out",
        size="about 350 MB",
        terms=WIKIPEDIA_TERMS,
        arguments="--set 'corpus_uris=[\"{file}\"]'",
        wiki="simplewiki",
    ),
    "wordnet": DataSet(
        title="WordNet 3.0: 82,115 noun synsets, their terms and their hierarchy",
        size="12 MB",
        terms="WordNet 3.0 licence, free for any purpose: the file LICENSE",
        arguments="--set taxonomy_uri={folder} --set taxonomy_edges=data.noun",
        files=(
            RemoteFile(
                "https://wordnetcode.princeton.edu/3.0",
                "WordNet-3.0.tar.gz",
                Checksum(
                    "sha256", "640db279c949a88f61f851dd54ebbb22d003f8b90b85267042ef85a3781d3a52"
                ),
                _wordnet,
            ),
        ),
    ),
    "imagenet-hierarchy": DataSet(
        title="ImageNet's terms, its WordNet hierarchy, and the structure of its 2011 release "
        "(off ImageNet's own site since 2021: a public copy in tzutalin/ImageNet_Utils)",
        size="about 15 MB",
        terms=IMAGENET_TERMS,
        arguments="--set taxonomy_uri={folder} --set taxonomy_edges=structure_released.xml",
        files=(
            RemoteFile("https://image-net.org/data", "words.txt"),
            RemoteFile("https://image-net.org/data", "wordnet.is_a.txt"),
            RemoteFile(
                "https://raw.githubusercontent.com/tzutalin/ImageNet_Utils/master"
                "/detection_eval_tools",
                "structure_released.xml",
            ),
        ),
    ),
    "word-vectors-glove": DataSet(
        title="GloVe, 300 dimensions, of 6 B words of Wikipedia 2014 and Gigaword 5; no phrases",
        size="862 MB",
        terms="Public Domain Dedication and License 1.0",
        arguments="--set skipgram_pretrained_uri={folder}/glove.6B.300d.txt",
        files=(
            RemoteFile(
                "https://nlp.stanford.edu/data",
                "glove.6B.zip",
                Checksum(
                    "sha256", "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb"
                ),
                _glove,
            ),
        ),
    ),
    "word-vectors-fasttext": DataSet(
        title="fastText, 300 dimensions, 1 M words of Wikipedia 2017 and news",
        size="682 MB",
        terms="CC BY-SA 3.0",
        arguments="--set skipgram_pretrained_uri={folder}/wiki-news-300d-1M.vec",
        files=(
            RemoteFile(
                "https://dl.fbaipublicfiles.com/fasttext/vectors-english",
                "wiki-news-300d-1M.vec.zip",
                unpack=_fasttext,
            ),
        ),
    ),
    "word-vectors-google-news": DataSet(
        title="word2vec, 300 dimensions, 3 M words and phrases of 100 B words of news (the "
        "gensim project's copy)",
        size="1.7 GB",
        terms="none stated by its authors",
        arguments="--set skipgram_pretrained_uri={folder}/word2vec-google-news-300.bin",
        files=(
            RemoteFile(
                "https://github.com/RaRe-Technologies/gensim-data/releases/download"
                "/word2vec-google-news-300",
                "word2vec-google-news-300.gz",
                Checksum("md5", "a5e5354d40acb95f9ec66d5977d140ef"),
                _google_news,
            ),
        ),
    ),
}


def fetch_public_data(
    name: str,
    folder: Path,
    mirror: str = "",
    patience: Patience = DEFAULT_PATIENCE,
    catalogue: Mapping[str, DataSet] = CATALOGUE,
) -> str:
    """Fetch a data set into a folder; a finished one is left as it is, a broken-off one goes on.

    Args:
        name: Key of the catalogue.
        folder: Where to; made if absent.
        mirror: Address that goes in the place of the official ones; empty: those.
        patience: How long a failing server is tried again.
        catalogue: The data sets by name.

    Returns:
        What to pass to `run` so that it reads the data.

    Raises:
        ValueError: The name is unknown, the folder holds other data, or see `download`.
    """
    if name not in catalogue:
        raise ValueError(f"There are no public data {name!r}: choose of {', '.join(catalogue)}.")
    data = catalogue[name]
    if _is_finished(folder, name):
        say(f"{folder} holds {name} already")
    else:
        _begin(folder, name)
        _fetch(name, data, folder, mirror, patience)
    first = json.loads((folder / MARKER).read_text(encoding="utf-8"))["sources"][0]["url"]
    return data.arguments.format(folder=folder, file=folder / first.rpartition("/")[2])


def listing() -> str:
    """Return every data set with its size, terms and what to pass to `run`, for people."""
    lines = []
    for name, data in CATALOGUE.items():
        arguments = data.arguments.format(folder=f"data/{name}", file=f"data/{name}/<dump>.xml.bz2")
        lines += [name, f"  {data.title}", f"  fetched: {data.size}; terms: {data.terms}"]
        lines += [f"  run with: {arguments}", ""]
    lines += [
        "The published zero-shot lists have no official address: evaluate_zero_shot_sets=2-hop,",
        "3-hop and all are computed from the hierarchy, and name=FILE takes a list that you have.",
    ]
    return "\n".join(lines)


def _is_finished(folder: Path, name: str) -> bool:
    """Whether data.json says so; a folder of something else is refused, as files are replaced."""
    if not folder.exists() or (folder.is_dir() and not any(folder.iterdir())):
        return False
    marker = folder / MARKER
    found = json.loads(marker.read_text(encoding="utf-8")) if marker.is_file() else {}
    if found.get("name") != name:
        raise ValueError(
            f"{folder} holds files that are not {name}: name another folder with --output, or "
            "empty it."
        )
    return bool(found["finished"])


def _begin(folder: Path, name: str) -> None:
    """Claim the folder, and remove what an unpacking that broke off has left."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / MARKER, {"name": name, "finished": False})
    for leftover in folder.glob(f"{UNPACKING}*"):
        shutil.rmtree(leftover)


def _fetch(name: str, data: DataSet, folder: Path, mirror: str, patience: Patience) -> None:
    files = data.files or (_dump(data.wiki, folder, mirror, patience),)
    sources: list[dict[str, str]] = []
    counts: dict[str, int] = {}
    for file in files:
        url = f"{(mirror or file.base).rstrip('/')}/{file.path}"
        download(url, folder / file.name, file.checksum, patience)
        sources.append({"url": url, **(asdict(file.checksum) if file.checksum else {})})
        counts |= _unpacked(file.unpack, folder / file.name, folder) if file.unpack else {}
    facts = {"name": name, "finished": True, "terms": data.terms}
    write_json(folder / MARKER, {**facts, "sources": sources, "counts": counts})
    for file in files:
        if file.unpack:
            (folder / file.name).unlink()
    told = ", ".join(f"{number:,} {what}" for what, number in counts.items())
    say(f"{folder} holds {name}{f': {told}' if told else ''}")


def _dump(wiki: str, folder: Path, mirror: str, patience: Patience) -> RemoteFile:
    """Find the dump by the list of checksums beside it: the one begun in the folder, or the newest.

    Its dated address is taken, not `latest`, whose content changes under a download.
    """
    when = _begun(wiki, folder) or "latest"
    url = f"{(mirror or WIKIMEDIA).rstrip('/')}/{wiki}/{when}/{wiki}-{when}-md5sums.txt"
    line = re.compile(rf"([0-9a-f]{{32}})\s+\*?({wiki}-(\d{{8}})-pages-articles\.xml\.bz2)")
    for text in fetch_text(url, patience).splitlines():
        if found := line.fullmatch(text.strip()):
            path = f"{wiki}/{found[3]}/{found[2]}"
            return RemoteFile(WIKIMEDIA, path, Checksum("md5", found[1]))
    raise ValueError(
        f"{url} names no {wiki}-<date>-pages-articles.xml.bz2: the dump may be in the making; "
        "try again tomorrow, or name a mirror with --from."
    )


def _begun(wiki: str, folder: Path) -> str:
    """Return the date of the dump that broke off in the folder; empty: none did."""
    parts = sorted(folder.glob(f"{wiki}-????????-pages-articles.xml.bz2*"))
    return parts[-1].name.split("-")[1] if parts else ""


def _unpacked(unpack: Unpack, archive: Path, folder: Path) -> Mapping[str, int]:
    """Unpack aside and move the result into place, so that no half-unpacked file is taken."""
    with tempfile.TemporaryDirectory(prefix=UNPACKING, dir=folder) as aside:
        counts = unpack(archive, Path(aside)) or {}
        for item in sorted(Path(aside).iterdir()):
            _replace(item, folder / item.name)
    return counts


def _replace(item: Path, target: Path) -> None:
    if target.is_dir():
        shutil.rmtree(target)
    item.replace(target)
