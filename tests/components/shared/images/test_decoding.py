import io

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from components.shared.images.decoding import UNREADABLE, decode_any, decode_rgb, is_plain_jpeg


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
