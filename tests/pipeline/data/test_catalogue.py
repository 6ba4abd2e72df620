import hashlib
import json
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.images import find_images
from support.web_server import WebServer, serving

from components.shared.settings.table import PARAMETERS
from components.shared.storage.http_requests import Patience
from pipeline.cli import main
from pipeline.data.catalogue import CATALOGUE, DataSet, fetch_public_data, listing
from pipeline.data.download import Checksum

QUICK = Patience(attempts=2, first_wait=0.01, timeout=5)
DUMP = b"BZh9" + bytes(range(256)) * 4_000


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    with serving(tmp_path / "served") as state:
        yield state


def serve_dump(server: WebServer, date: str = "20260101", data: bytes = DUMP) -> None:
    name = f"enwiki-{date}-pages-articles.xml.bz2"
    sums = (
        f"{'0' * 32}  enwiki-{date}-pages-articles-multistream.xml.bz2\n"
        f"{hashlib.md5(data).hexdigest()}  {name}\n"
    )
    for folder, when in (("latest", "latest"), (date, date)):
        (server.root / "enwiki" / folder).mkdir(parents=True, exist_ok=True)
        (server.root / f"enwiki/{folder}/enwiki-{when}-md5sums.txt").write_text(sums)
    (server.root / f"enwiki/{date}/{name}").write_bytes(data)


def with_checksum_of(name: str, served: Path) -> dict[str, DataSet]:
    """The catalogue's entry, but for the checksum of the small file that a test serves."""
    file = CATALOGUE[name].files[0]
    value = hashlib.sha256((served / file.name).read_bytes()).hexdigest()
    changed = replace(file, checksum=Checksum("sha256", value))
    return {name: replace(CATALOGUE[name], files=(changed,))}


def tiny_imagenet(folder: Path) -> None:
    root = "tiny-imagenet-200"
    with zipfile.ZipFile(folder / "tiny-imagenet-200.zip", "w") as archive:
        for wnid in ("n00000001", "n00000002"):
            archive.writestr(f"{root}/train/{wnid}/images/{wnid}_0.JPEG", wnid)
        archive.writestr(f"{root}/val/images/val_0.JPEG", "v")
        archive.writestr(f"{root}/val/val_annotations.txt", "val_0.JPEG\tn00000002\t0\t0\t9\t9\n")


def test_the_latest_dump_is_found_by_its_checksums_and_fetched_by_its_date(
    server: WebServer, tmp_path: Path
) -> None:
    serve_dump(server)
    arguments = fetch_public_data("wikipedia", tmp_path / "out", server.url, QUICK)
    dump = tmp_path / "out/enwiki-20260101-pages-articles.xml.bz2"
    assert dump.read_bytes() == DUMP
    assert arguments == f"--set 'corpus_uris=[\"{dump}\"]'"
    assert json.loads((tmp_path / "out/data.json").read_text())["finished"] is True


def test_a_dump_that_broke_off_goes_on_though_a_newer_one_is_there(
    server: WebServer, tmp_path: Path
) -> None:
    serve_dump(server)
    server.drops = iter([10_000, 300_000])  # the list of checksums comes whole
    with pytest.raises(ValueError, match="run the same command again"):
        fetch_public_data("wikipedia", tmp_path / "out", server.url, Patience(1, 0.01, 5))
    serve_dump(server, "20260201", DUMP[::-1])
    fetch_public_data("wikipedia", tmp_path / "out", server.url, QUICK)
    dump = tmp_path / "out/enwiki-20260101-pages-articles.xml.bz2"
    assert dump.read_bytes() == DUMP
    assert server.ranges_asked()[-1] == "bytes=300000-"


def test_a_list_without_the_dump_is_refused(server: WebServer, tmp_path: Path) -> None:
    serve_dump(server)
    (server.root / "enwiki/latest/enwiki-latest-md5sums.txt").write_text("nothing\n")
    with pytest.raises(ValueError, match=r"names no enwiki-<date>-pages-articles\.xml\.bz2"):
        fetch_public_data("wikipedia", tmp_path / "out", server.url, QUICK)


def test_a_dump_with_a_wrong_checksum_is_refused(server: WebServer, tmp_path: Path) -> None:
    serve_dump(server)
    (server.root / "enwiki/20260101/enwiki-20260101-pages-articles.xml.bz2").write_bytes(b"x")
    with pytest.raises(ValueError, match="the md5 is"):
        fetch_public_data("wikipedia", tmp_path / "out", server.url, QUICK)
    assert json.loads((tmp_path / "out/data.json").read_text())["finished"] is False


def test_tiny_imagenet_is_unpacked_so_that_images_are_found(
    server: WebServer, tmp_path: Path
) -> None:
    tiny_imagenet(server.root)
    catalogue = with_checksum_of("tiny-imagenet", server.root)
    out = tmp_path / "out"
    assert fetch_public_data("tiny-imagenet", out, server.url, QUICK, catalogue) == (
        f"--set images_uri={out}"
    )
    assert [source.path for source in find_images(str(out)).images] == [
        "train/n00000001/n00000001_0.JPEG",
        "train/n00000002/n00000002_0.JPEG",
        "val/n00000002/val_0.JPEG",
    ]
    assert not (out / "tiny-imagenet-200.zip").exists()
    facts = json.loads((out / "data.json").read_text())
    assert facts["counts"] == {"train": 2, "val": 1, "test_without_labels": 0}
    assert facts["sources"][0]["url"] == f"{server.url}/tiny-imagenet-200.zip"


def test_the_official_checksum_guards_against_another_file(
    server: WebServer, tmp_path: Path
) -> None:
    tiny_imagenet(server.root)
    with pytest.raises(ValueError, match="not 90528d7ca1a48142e341f4ef8d21d0de"):
        fetch_public_data("tiny-imagenet", tmp_path / "out", server.url, QUICK)


def test_a_finished_data_set_is_left_as_it_is(server: WebServer, tmp_path: Path) -> None:
    serve_dump(server)
    first = fetch_public_data("wikipedia", tmp_path / "out", server.url, QUICK)
    asked = len(server.requests)
    assert fetch_public_data("wikipedia", tmp_path / "out", server.url, QUICK) == first
    assert len(server.requests) == asked


def test_an_unpacking_that_broke_off_is_done_again(server: WebServer, tmp_path: Path) -> None:
    tiny_imagenet(server.root)
    catalogue = with_checksum_of("tiny-imagenet", server.root)
    out = tmp_path / "out"
    (out / ".unpacking-x/train").mkdir(parents=True)
    (out / "train/n00000009").mkdir(parents=True)
    (out / "data.json").write_text('{"name": "tiny-imagenet", "finished": false}')
    fetch_public_data("tiny-imagenet", out, server.url, QUICK, catalogue)
    assert sorted(item.name for item in out.iterdir()) == ["data.json", "train", "val"]
    assert find_images(str(out)).wnids == {"n00000001", "n00000002"}


def test_a_folder_of_something_else_is_never_touched(server: WebServer, tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    with pytest.raises(ValueError, match="holds files that are not wordnet"):
        fetch_public_data("wordnet", tmp_path, server.url, QUICK)
    serve_dump(server)
    fetch_public_data("wikipedia", tmp_path / "out", server.url, QUICK)
    with pytest.raises(ValueError, match="holds files that are not wordnet"):
        fetch_public_data("wordnet", tmp_path / "out", server.url, QUICK)


def test_wordnets_database_is_taken_out_of_its_archive(server: WebServer, tmp_path: Path) -> None:
    for name in ("dict/data.noun", "dict/index.noun", "LICENSE", "README"):
        (tmp_path / "WordNet-3.0" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "WordNet-3.0" / name).write_text(name)
    with tarfile.open(server.root / "WordNet-3.0.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "WordNet-3.0", "WordNet-3.0")
    catalogue = with_checksum_of("wordnet", server.root)
    out = tmp_path / "out"
    arguments = fetch_public_data("wordnet", out, server.url, QUICK, catalogue)
    assert arguments == f"--set taxonomy_uri={out} --set taxonomy_edges=data.noun"
    assert sorted(file.name for file in out.iterdir()) == [
        *("LICENSE", "data.json", "data.noun", "index.noun")
    ]


def test_imagenets_three_files_come_from_one_mirror(server: WebServer, tmp_path: Path) -> None:
    names = ("words.txt", "wordnet.is_a.txt", "structure_released.xml")
    for name in names:
        (server.root / name).write_text(name)
    fetch_public_data("imagenet-hierarchy", tmp_path / "out", server.url, QUICK)
    assert all((tmp_path / "out" / name).read_text() == name for name in names)


def test_the_listing_gives_every_name_with_size_terms_and_arguments() -> None:
    text = listing()
    for name, data in CATALOGUE.items():
        assert f"\n{name}\n" in f"\n{text}"
        assert data.size in text
        assert data.terms in text
    assert "--set taxonomy_edges=data.noun" in text


def test_every_parameter_that_is_told_exists() -> None:
    for data in CATALOGUE.values():
        for setting in data.arguments.split("--set ")[1:]:
            assert setting.strip("' ").partition("=")[0] in PARAMETERS


def test_the_command_line_lists_and_fetches(
    server: WebServer, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data"]) == 0
    assert "wordnet" in capsys.readouterr().out
    serve_dump(server)
    out = str(tmp_path / "out")
    assert main(["data", "wikipedia", "--output", out, "--from", server.url]) == 0
    assert "Run with: --set 'corpus_uris=" in capsys.readouterr().out
    assert main(["data", "wikipedia", "--output", f"{out}2", "--from", "ftp://x"]) == 2
    assert "is no http:// or https:// address" in capsys.readouterr().err
