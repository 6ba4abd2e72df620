from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from components.shared.images.crops import (
    Box,
    ImageView,
    centre_box,
    decode_all,
    decode_centre,
    decode_random,
    random_box,
)
from components.shared.images.decoding import decode_rgb

VIEW = ImageView(16, 20, 1.0, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4))


def jpeg(height: int, width: int, seed: int = 0) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 255, (height, width, 3), np.uint8)
    return bytes(simplejpeg.encode_jpeg(pixels, 95))


def resampled(data: bytes, box: Box, size: int = 16) -> np.ndarray:
    """The crop as PIL cuts it, whether it is exact or not."""
    image = Image.fromarray(decode_rgb(data))
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR, box=box))


@pytest.mark.parametrize("shape", [(20, 24), (31, 20), (40, 44), (16, 50), (18, 19)])
@pytest.mark.parametrize("crop_scale", [1.0, 0.3])
def test_a_crop_is_what_pil_s_resize_of_its_box_gives(
    shape: tuple[int, int], crop_scale: float
) -> None:
    data, view = jpeg(*shape), replace(VIEW, crop_scale=crop_scale)
    size = shape[1], shape[0]
    assert np.array_equal(decode_centre(data, view), resampled(data, centre_box(*size, view)))
    for draws in np.random.default_rng(0).random((20, 5)):
        crop = resampled(data, random_box(*size, view, draws))
        assert np.array_equal(
            decode_random(data, view, draws), crop[:, ::-1] if draws[4] < 0.5 else crop
        )


def test_crops_of_the_right_size_are_cut_without_resampling(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Image, "fromarray", lambda _: pytest.fail("it was resampled"))
    data = jpeg(20, 24)
    assert np.array_equal(decode_centre(data, VIEW), decode_rgb(data)[2:18, 4:20])
    decode_random(data, VIEW, np.full(5, 0.7))


@pytest.mark.parametrize("crop_scale", [1.0, 0.3])
def test_many_images_are_decoded_into_one_array_flipped_and_not(crop_scale: float) -> None:
    images, view = [jpeg(20, 24, seed) for seed in range(4)], replace(VIEW, crop_scale=crop_scale)
    draws = np.random.default_rng(0).random((4, 5))
    draws[:, 4] = 0.0, 0.499, 0.5, 0.9
    out = np.zeros((4, 16, 16, 3), np.uint8)
    decode_all(images, view, draws, out)
    for crop, data, own in zip(out, images, draws, strict=True):
        assert crop.tobytes() == decode_random(data, view, own).tobytes()
    upright = decode_random(images[0], view, np.array([*draws[0, :4], 0.9]))
    assert np.array_equal(out[0], upright[:, ::-1])
    decode_all(images, view, None, out)
    assert np.array_equal(out[1], decode_centre(images[1], view))


def test_small_and_large_images_give_the_same_size() -> None:
    for shape in [(1, 1, 3), (5, 300, 3), (300, 5, 3), (64, 64, 3)]:
        data = simplejpeg.encode_jpeg(np.zeros(shape, np.uint8))
        assert decode_centre(data, VIEW).shape == (16, 16, 3)


def test_random_boxes_keep_to_the_image_the_area_and_the_aspect_ratio() -> None:
    view = replace(VIEW, crop_scale=0.2)
    shares = []
    for draws in np.random.default_rng(0).random((500, 5)):
        left, top, right, bottom = random_box(40, 40, view, draws)
        assert 0 <= left < right <= 40
        assert 0 <= top < bottom <= 40
        assert 0.74 < (right - left) / (bottom - top) < 1.34
        shares.append((right - left) * (bottom - top) / 1600)
    assert min(shares) >= 0.199
    assert max(shares) > 0.9


def box_by_the_words(
    width: int, height: int, crop_scale: float, draws: Sequence[float]
) -> tuple[float, ...]:
    """Area uniform, aspect ratio uniform in its logarithm, then the place uniform in the room."""
    share, shape, right, down = draws[:4]
    area = width * height * (crop_scale * (1 - share) + share)
    ratio = 0.75 ** (1 - shape) * (4 / 3) ** shape
    across, tall = min((area * ratio) ** 0.5, width), min((area / ratio) ** 0.5, height)
    left, top = right * (width - across), down * (height - tall)
    return left, top, left + across, top + tall


@pytest.mark.parametrize("size", [(40, 30), (300, 20), (25, 200)])
def test_random_boxes_are_drawn_by_the_words(size: tuple[int, int]) -> None:
    view = replace(VIEW, crop_scale=0.25)
    for draws in np.random.default_rng(0).random((200, 5)):
        wanted = box_by_the_words(*size, 0.25, draws.tolist())
        assert random_box(*size, view, draws) == pytest.approx(wanted)


def test_a_random_box_is_that_of_a_calculation_by_hand() -> None:
    # 0.4 of 40 x 30 are 480 pixels: square they are 21.909 a side, 3 to 4 18.974 by 25.298.
    view = replace(VIEW, crop_scale=0.25)
    square = random_box(40, 30, view, np.array([0.2, 0.5, 0.25, 0.75, 0]))
    assert square == pytest.approx((4.523, 6.068, 26.432, 27.977), abs=1e-3)
    narrow = random_box(40, 30, view, np.array([0.2, 0.0, 0.0, 1.0, 0]))
    assert narrow == pytest.approx((0.0, 4.702, 18.974, 30.0), abs=1e-3)


def test_a_crop_of_the_papers_has_whole_pixels_of_the_resized_image_to_move_by() -> None:
    # 40 x 60 becomes 20 x 30, where 16 x 16 has 5 places across and 15 down.
    for right, down, left, top in ((0.0, 0.99, 0, 28), (0.99, 0.0, 8, 0), (0.3, 0.5, 2, 14)):
        box = random_box(40, 60, VIEW, np.array([0, 0, right, down, 0]))
        assert box == (left, top, left + 32, top + 32)


def test_the_centre_box_is_in_the_middle() -> None:
    assert centre_box(40, 60, VIEW) == (4.0, 14.0, 36.0, 46.0)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ((20, 16, 1.0), "visual_input_size is 20 with visual_resize 16"),
        ((0, 16, 1.0), "visual_input_size is 0"),
        ((8, 16, 0.0), "visual_crop_scale is 0.0"),
        ((8, 16, 1.5), "visual_crop_scale is 1.5"),
    ],
)
def test_impossible_views_are_refused(sizes: tuple[int, int, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        ImageView(*sizes, VIEW.mean, VIEW.std)


def test_a_halved_view_shows_the_same_part_of_the_image() -> None:
    view = replace(VIEW, crop_scale=0.5)
    draws = np.array([0.3, 0.5, 0.2, 0.8, 0.1])
    assert random_box(40, 40, view.halved, draws) == random_box(40, 40, view, draws)
    assert centre_box(40, 40, view.halved) == centre_box(40, 40, view)
    assert (view.halved.input_size, view.halved.resize) == (8, 10)
