import resource
from pathlib import Path

import pytest

from components.pack_images.listing import Source, is_image_name
from components.shared.images.limits import BadImage


def test_split_and_class_stand_in_the_path() -> None:
    source = Source("train/n1/a.jpg", "/images/train/n1/a.jpg")
    assert (source.split, source.wnid) == ("train", "n1")


def test_a_file_or_a_part_of_one_is_read(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    assert Source("train/n1/a", f"{tmp_path}/f").read() == b"0123456789"
    assert Source("train/n1/a", f"{tmp_path}/f", 2, 3).read() == b"234"
    with pytest.raises(ValueError, match="ends inside its member train/n1/a: fetch it again"):
        Source("train/n1/a", f"{tmp_path}/f", 8, 3).read()


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("nothing", "No such file or directory"),
        ("folder", "Is a directory"),
        pytest.param(
            *("/proc/self/mem", "Input/output error"),
            marks=pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="Linux has it"),
        ),
    ],
)
def test_a_file_that_alone_cannot_be_read_is_a_bad_image(
    tmp_path: Path, file: str, reason: str
) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadImage, match=f"it cannot be read: {reason}"):
        Source("train/n1/a", str(tmp_path / file)).read()


def test_a_failure_that_every_file_would_meet_is_no_bad_image(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b"0123456789")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        with pytest.raises(OSError, match="Too many open files"):
            Source("train/n1/a", f"{tmp_path}/f").read()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_images_are_known_by_name() -> None:
    assert is_image_name("a/B.JPEG")
    assert not is_image_name("a/list.txt")
