"""Images as they are packed: plain RGB JPEG, upright, of no more than a given short side."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import numpy as np
import simplejpeg
from PIL import Image

from components.prepare_images.config import ImagesConfig
from components.prepare_images.splits import Assigned
from components.shared import storage
from components.shared.image_decoding import (
    UNREADABLE,
    decode_any,
    decode_jpeg,
    is_plain_jpeg,
)

IMAGES_AHEAD = 16


def recode(data: bytes, short_side: int, quality: int) -> bytes:
    """The same bytes where they are a whole plain JPEG small enough; else encoded again.

    Args:
        data: an encoded image of any kind.
        short_side: larger images are scaled to it, pixels; smaller ones stay.
        quality: JPEG quality, 1..100.

    Raises:
        Exception: one of `components.shared.image_decoding.UNREADABLE`.
    """
    if _may_stay(data, short_side):
        return data
    image = _scaled(decode_any(data, short_side), short_side)
    encoded: bytes = simplejpeg.encode_jpeg(image, quality, colorsubsampling="420")
    return encoded


def _may_stay(data: bytes, short_side: int) -> bool:
    if not is_plain_jpeg(data):
        return False
    height, width, _, _ = simplejpeg.decode_jpeg_header(data)
    return min(height, width) <= short_side and _is_whole(data)


def _is_whole(data: bytes) -> bool:
    try:
        decode_jpeg(data)
    except ValueError:
        return False
    return True


def _scaled(image: np.ndarray, short_side: int) -> np.ndarray:
    height, width = image.shape[:2]
    scale = short_side / min(height, width)
    if scale >= 1:
        return np.ascontiguousarray(image)
    size = (round(width * scale), round(height * scale))
    return np.array(Image.fromarray(image).resize(size, Image.Resampling.BICUBIC))


def recode_all(
    config: ImagesConfig, images: Iterable[Assigned]
) -> Iterator[tuple[Assigned, bytes | Exception]]:
    """Each image with its bytes as packed, or with what is wrong with it, in the order given."""

    def recoded(image: Assigned) -> bytes | Exception:
        data = image.source.read()
        try:
            return recode(data, config.short_side, config.quality)
        except UNREADABLE as error:
            return error

    # Objects are waited for, files are not: more threads where each image is a request.
    threads = len(os.sched_getaffinity(0)) * (4 if storage.is_s3(config.uri) else 1)
    return _in_order(recoded, images, threads)


def _in_order(
    work: Callable[[Assigned], bytes | Exception], images: Iterable[Assigned], threads: int
) -> Iterator[tuple[Assigned, bytes | Exception]]:
    """Each image with what threads made of it, in order, some images ahead."""
    waiting: deque[tuple[Assigned, Future[bytes | Exception]]] = deque()
    with ThreadPoolExecutor(threads, "recode") as pool:
        try:
            for image in images:
                waiting.append((image, pool.submit(work, image)))
                if len(waiting) > threads * IMAGES_AHEAD:
                    done, future = waiting.popleft()
                    yield done, future.result()
            for done, future in waiting:
                yield done, future.result()
        finally:
            for _, future in waiting:
                future.cancel()
