import contextlib
import io
import os
import struct
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from PIL import Image
from support.damage import damaged

from components.shared.images.decoding import UNREADABLE, decode_any, decode_rgb, is_plain_jpeg
from components.shared.images.limits import BadImage


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def gradient(height: int = 20, width: int = 30) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([rows * 5, columns * 5, rows + columns], -1).astype(np.uint8)


def test_a_plain_jpeg_decodes_as_libjpeg_turbo_does() -> None:
    data = simplejpeg.encode_jpeg(gradient())
    assert is_plain_jpeg(data)
    assert np.array_equal(decode_rgb(data), simplejpeg.decode_jpeg(data))


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_cmyk_jpegs_become_rgb(mode: str) -> None:
    data = encoded(Image.fromarray(gradient()).convert(mode), "JPEG", quality=95)
    assert not is_plain_jpeg(data)
    expected = np.asarray(Image.fromarray(gradient()).convert(mode).convert("RGB"), int)
    assert decode_rgb(data).shape == (20, 30, 3)
    assert np.abs(decode_rgb(data) - expected).mean() < 4


def test_png_bytes_decode_whatever_the_file_is_called() -> None:
    assert np.array_equal(decode_rgb(encoded(Image.fromarray(gradient()), "PNG")), gradient())


def test_transparent_pixels_are_white() -> None:
    image = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    assert (decode_rgb(encoded(image, "PNG")) == 255).all()
    palette = Image.new("P", (4, 4))
    assert (decode_rgb(encoded(palette, "PNG", transparency=b"\x00")) == 255).all()


def test_grey_of_sixteen_bits_is_scaled_not_clipped() -> None:
    image = Image.fromarray(np.array([[0, 257 * 100], [257 * 200, 65535]], np.uint16))
    assert decode_rgb(encoded(image, "PNG"))[..., 0].tolist() == [[0, 100], [200, 255]]


def test_an_image_is_turned_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = encoded(Image.fromarray(gradient()), "JPEG", exif=exif)
    assert not is_plain_jpeg(data)
    assert decode_rgb(data).shape == (30, 20, 3)


def test_a_large_jpeg_is_decoded_small() -> None:
    data = encoded(Image.new("RGB", (800, 640), "red"), "JPEG")
    assert decode_any(data, 32).shape == (80, 100, 3)


@pytest.mark.parametrize("data", [b"", b"no image", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\nrest"])
def test_bytes_that_are_no_image_are_refused(data: bytes) -> None:
    with pytest.raises(UNREADABLE):
        decode_rgb(data)


def test_a_truncated_jpeg_is_refused() -> None:
    data = simplejpeg.encode_jpeg(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    with pytest.raises(UNREADABLE):
        decode_rgb(data[: len(data) // 2])


def test_a_format_that_pil_starts_a_program_for_is_not_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = tmp_path / "called"
    program = tmp_path / "gs"
    program.write_text(f"#!/bin/sh\ntouch {called}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    eps = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\nshowpage\n%%EOF\n"
    with pytest.raises(BadImage, match=r"it is none of JPEG, PNG, .* or is broken"):
        decode_rgb(eps)
    assert not called.exists()


def jpeg_of_size(height: int, width: int) -> bytes:
    """A JPEG that says it has this size, whatever it has."""
    data = encoded(Image.fromarray(gradient()), "JPEG", progressive=True)
    place = data.index(b"\xff\xc2") + 5
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]


def png_of_size(height: int, width: int) -> bytes:
    """A PNG that says it has this size, whatever it has."""
    data = encoded(Image.fromarray(gradient()), "PNG")
    header = b"IHDR" + struct.pack(">II", width, height) + data[24:29]
    return data[:12] + header + struct.pack(">I", zlib.crc32(header)) + data[33:]


@pytest.mark.parametrize("of_size", [jpeg_of_size, png_of_size])
@pytest.mark.parametrize(("height", "width"), [(65500, 65500), (13000, 13000), (11000, 11000)])
@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_an_image_of_too_many_pixels_is_refused_before_it_is_decoded(
    of_size: Callable[[int, int], bytes], height: int, width: int
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(BadImage, match="more than 120 megapixels"):
            decode_rgb(of_size(height, width))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("grey", "white"),
    [
        (np.float32, 1.0),
        (np.float32, 255.0),
        (np.float32, 65535.0),
        (np.int32, 255),
        (np.int32, 65535),
        (np.uint16, 65535),
    ],
)
def test_a_tiff_of_grey_numbers_is_as_bright_as_it_was(grey: type, white: float) -> None:
    levels = np.array([[0, 0.25], [0.5, 1]]) * white
    data = encoded(Image.fromarray(levels.astype(grey)), "TIFF")
    expected = [[0, 64], [128, 255]]
    assert np.abs(decode_rgb(data).astype(int) - np.array(expected)[..., None]).max() <= 1


def test_a_tiff_of_twelve_bits_and_one_whose_zero_is_white_are_as_bright_as_they_were() -> None:
    levels = np.array([[0, 1000], [2000, 4095]], np.uint16)
    twelve = Image.fromarray(levels)
    packed = levels.astype(int)
    rows = b"".join(bytes([a >> 4, (a & 15) << 4 | b >> 8, b & 255]) for a, b in packed.tolist())
    assert decode_rgb(tiff(rows, 12, 1))[..., 0].tolist() == [[0, 62], [124, 255]]
    assert decode_rgb(tiff(twelve.tobytes(), 16, 0))[..., 0].tolist() == [[255, 252], [248, 240]]


def tiff(strip: bytes, bits: int, zero: int) -> bytes:
    """An uncompressed grey TIFF of 2 x 2 pixels."""
    fields = {256: 2, 257: 2, 258: bits, 259: 1, 262: zero, 273: 8, 277: 1, 278: 2, 279: len(strip)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in fields.items())
    start = 8 + len(strip)
    return b"II*\x00" + struct.pack("<I", start) + strip + struct.pack("<H", 9) + entries + bytes(4)


@pytest.mark.parametrize("values", [[-1.0, 1.0], [0.0, 70000.0], [0.0, float("nan")]])
def test_a_tiff_whose_white_nothing_tells_is_refused(values: list[float]) -> None:
    data = encoded(Image.fromarray(np.array([values], np.float32)), "TIFF")
    with pytest.raises(BadImage, match="nothing says which is white"):
        decode_rgb(data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "JPEG2000", "AVIF"])
def test_whatever_bytes_are_changed_an_image_is_decoded_or_refused(kind: str) -> None:
    for data in damaged(encoded(Image.fromarray(gradient()), kind), 60, within=200):
        with warnings.catch_warnings(action="ignore"), contextlib.suppress(*UNREADABLE):
            assert decode_rgb(data).shape[2] == 3
