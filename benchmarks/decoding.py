"""Decoding plain JPEG with libjpeg-turbo (simplejpeg), next to Pillow, on images made here.

    python benchmarks/decoding.py [side]

Prints both rates of one run on one core and their ratio.
"""

import io
import sys
import time
from collections.abc import Callable

import numpy as np
import simplejpeg
from PIL import Image

IMAGES = 300


def jpeg(side: int, seed: int) -> bytes:
    """A JPEG of smooth colours with some noise, as photographs have."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8))
    smooth = np.asarray(small.resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)
    noisy = np.clip(smooth + rng.normal(0, 8, smooth.shape), 0, 255).astype(np.uint8)
    return bytes(simplejpeg.encode_jpeg(np.ascontiguousarray(noisy), quality=90))


def rate(decode: Callable[[bytes], object], images: list[bytes]) -> float:
    """Images a second."""
    started = time.perf_counter()
    for data in images:
        decode(data)
    return len(images) / (time.perf_counter() - started)


def main(side: int) -> None:
    """Time both decoders on the same images."""
    images = [jpeg(side, seed) for seed in range(IMAGES)]
    pillow = rate(lambda data: np.asarray(Image.open(io.BytesIO(data)).convert("RGB")), images)
    turbo = rate(simplejpeg.decode_jpeg, images)
    print(f"{IMAGES} JPEG images of {side} px")
    print(f"simplejpeg {turbo:,.0f}/s, Pillow {pillow:,.0f}/s: {turbo / pillow:.1f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 256)
