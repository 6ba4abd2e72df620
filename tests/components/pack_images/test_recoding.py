import io
import warnings
import weakref
from collections.abc import Iterator

import numpy as np
import pytest
import simplejpeg
from PIL import Image
from support.eventually import eventually
from support.settings import unchecked
from support.world_of_images import jpeg

from components.pack_images.entries import Entry
from components.pack_images.recoding import (
    recode,
    recode_all,
    without_exif,
    without_warnings_of_pil,
)
from components.shared.images.decoding import UNREADABLE
from components.shared.settings.images import ImagesSettings


def gradient(height: int = 60, width: int = 90) -> Image.Image:
    rows, columns = np.mgrid[0:height, 0:width]
    return Image.fromarray(np.stack([rows * 3, columns * 2, rows], -1).astype(np.uint8))


def encoded(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def recoded(data: bytes, short_side: int = 30) -> np.ndarray:
    with without_warnings_of_pil():
        data = recode(data, short_side, 90)
    assert simplejpeg.decode_jpeg_header(data)[2] == "YCbCr"
    return np.asarray(simplejpeg.decode_jpeg(data))


@pytest.mark.parametrize("kind", ["PNG", "GIF", "BMP", "WEBP", "TIFF"])
def test_other_kinds_named_jpeg_become_jpegs(kind: str) -> None:
    assert recoded(encoded(gradient(), kind)).shape == (30, 45, 3)


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_jpegs_keep_their_look(mode: str) -> None:
    expected = np.asarray(gradient().convert(mode).convert("RGB"), int)
    assert np.abs(recoded(encoded(gradient().convert(mode), quality=95), 60) - expected).mean() < 6


def test_an_image_of_fifty_megapixels_is_packed_small() -> None:
    data = encoded(Image.new("RGB", (8200, 6100), "red"))
    assert recoded(data, 256).shape == (256, 344, 3)


def test_an_image_of_a_hundred_megapixels_is_no_decompression_bomb() -> None:
    data = encoded(Image.new("RGB", (12000, 8400), "red"))
    with pytest.raises(Image.DecompressionBombWarning):
        recode(data, 256, 90)
    assert recoded(data, 256).shape == (256, 366, 3)


def test_an_image_is_turned_as_its_orientation_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert recoded(encoded(gradient(), exif=exif)).shape == (45, 30, 3)


BROKEN_EXIF = [
    b"Exif\x00\x00",
    b"Exif\x00\x00no tiff at all",
    b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x05\x01\x12\x00\x03",
    b"Exif\x00\x00II*\x00\xff\xff\xff\xff",
    b"Exif\x00\x00II*\x00\x08\x00\x00\x00\xff\x00\x12\x01\x02\x00\xff\xff\xff\xff\x00\x00\x00\x00",
    b"Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x02\x00\x02\x00\x00\x00x\x00\x00\x00",
]


@pytest.mark.parametrize("exif", BROKEN_EXIF)
@pytest.mark.parametrize("short_side", [30, 256])
def test_an_image_with_broken_exif_is_packed(exif: bytes, short_side: int) -> None:
    assert recoded(encoded(gradient(), exif=exif), short_side).shape[2] == 3


def test_exif_is_taken_out_and_nothing_else() -> None:
    plain = encoded(gradient())
    assert without_exif(encoded(gradient(), exif=BROKEN_EXIF[1])) == plain
    assert without_exif(plain) == plain
    assert without_exif(b"no jpeg") == b"no jpeg"
    assert without_exif(plain[:5]) == plain[:5]


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_truncated_files_are_refused(kind: str, share: float) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    with pytest.raises(UNREADABLE):
        recode(data[: int(len(data) * share)], 30, 90)


def test_other_warnings_stay_errors() -> None:
    with without_warnings_of_pil(), pytest.raises(UserWarning, match="ours"):
        warnings.warn("ours", UserWarning, stacklevel=1)


def test_a_larger_image_is_scaled_to_the_short_side() -> None:
    data = recode(jpeg(0, 90, 60), 30, 90)
    assert simplejpeg.decode_jpeg(data).shape == (45, 30, 3)


def test_a_small_plain_jpeg_keeps_its_bytes() -> None:
    assert recode(jpeg(0), 12, 50) == jpeg(0)
    assert recode(jpeg(0), 256, 50) == jpeg(0)


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGBA", "P"])
def test_what_is_no_plain_jpeg_becomes_one(mode: str) -> None:
    stream = io.BytesIO()
    kind = "JPEG" if mode in ("L", "CMYK") else "PNG"
    Image.fromarray(simplejpeg.decode_jpeg(jpeg(3))).convert(mode).save(stream, kind)
    height, width, colours, _ = simplejpeg.decode_jpeg_header(recode(stream.getvalue(), 16, 90))
    assert (height, width, colours) == (12, 10, "YCbCr")


class Held:
    """An image in memory, until nothing refers to it any more."""

    def __init__(self, number: int) -> None:
        self.data = jpeg(number)

    def read(self) -> bytes:
        return self.data


def test_the_bytes_of_an_image_are_let_go_when_it_is_packed_though_others_go_before_it() -> None:
    alive: weakref.WeakSet[Held] = weakref.WeakSet()

    def entries() -> Iterator[Entry]:
        for number in range(500):
            held = Held(number)
            alive.add(held)
            yield Entry(part="train", read=held.read, held=len(held.data))

    packed = recode_all(unchecked(ImagesSettings, uri="images", short_side=16), entries())
    _, first = next(packed)
    assert first is not None
    # The entries that threads are ahead wait; the generator's own and the last one are at hand.
    eventually(lambda: len(alive) <= 2)
    assert sum(1 for _ in packed) == 499
