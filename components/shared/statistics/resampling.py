"""Means under resampling: of images, or of classes and then of images of a class.

Images of one class are not independent: a model that knows a class knows most of its images. Where
a figure is to say something about classes that a model has not seen, classes are what was drawn,
and they are drawn again: as many as there are, with replacement, then of each drawn class as many
images as it has, with replacement (Davison and Hinkley 1997, section 3.8). Under the randomisation
test one coin a class turns the differences of all its images.

Draws depend on the seed and on the classes alone, so that each model may be resampled on its own
and the means of two models still belong to the same draws. One class is in memory at a time, in
blocks of samples. Figures that are held as counts become shares there, a class at a time.
"""

from collections.abc import Callable, Iterator

import numpy as np

_BLOCK_ELEMENTS = 1 << 22


def bootstrap_means(values: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Return the means of columns under resamples of the rows.

    Args:
        values: Float [images, columns].
        samples: Number of resamples.
        seed: Of the draws.

    Returns:
        float64 [samples, columns].
    """
    generator = np.random.default_rng(seed)
    images = len(values)

    def counts() -> np.ndarray:
        return np.bincount(generator.integers(0, images, images), minlength=images)

    return _weighted_means(values, samples, counts)


def sign_flipped_means(values: np.ndarray, samples: int, seed: int) -> np.ndarray:
    """Return the means of columns where each row's sign is a coin's, the same for all columns.

    The mean of a flipped difference is the difference of two flipped means.

    Args:
        values: Float [images, columns].
        samples: Number of flips.
        seed: Of the coins.

    Returns:
        float64 [samples, columns].
    """
    generator = np.random.default_rng(seed)

    def signs() -> np.ndarray:
        return generator.integers(0, 2, len(values), dtype=np.int8) * 2 - 1

    return _weighted_means(values, samples, signs)


def class_bootstrap_means(
    values: np.ndarray,
    classes: np.ndarray,
    samples: int,
    seed: int,
    out_of: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Return the means of columns under resamples of the classes, then of a class's images.

    A mean is over all images that were drawn, of which there are more or fewer where classes
    differ in size.

    Args:
        values: Float or counts [images, columns].
        classes: Codes 0, 1, ... of the images' classes, int [images]; none is without an image.
        samples: Number of resamples.
        seed: Of the draws.
        out_of: What the values are divided by, [columns].

    Returns:
        float64 [samples, columns].
    """
    sizes = np.bincount(classes)
    drawn = _drawn_classes(len(sizes), samples, seed)
    sums = np.zeros((samples, values.shape[1]))
    for code, rows in enumerate(_rows_of_classes(classes)):
        # Numpy fills up a seed with zeros: [seed, 0] would be the stream that draws the classes.
        generator = np.random.default_rng([seed, 1 + code])
        own = _shares(values, rows, out_of)
        block = max(1, _BLOCK_ELEMENTS // len(rows))
        for start in range(0, samples, block):
            times = drawn[start : start + block, code]
            sums[start : start + block] += _image_counts(times, len(rows), generator) @ own
    return sums / (drawn @ sizes)[:, None]


def class_sign_flipped_means(
    values: np.ndarray,
    classes: np.ndarray,
    samples: int,
    seed: int,
    out_of: np.ndarray | float = 1.0,
) -> np.ndarray:
    """Return the means of columns where each class's sign is a coin's, the same for all columns.

    Args:
        values: Float or counts [images, columns].
        classes: Codes 0, 1, ... of the images' classes, int [images]; none is without an image.
        samples: Number of flips.
        seed: Of the coins.
        out_of: What the values are divided by, [columns].

    Returns:
        float64 [samples, columns].
    """
    generator = np.random.default_rng(seed)
    every = _rows_of_classes(classes)
    sums = np.stack([_shares(values, rows, out_of).sum(axis=0) for rows in every])
    coins = generator.integers(0, 2, (samples, len(sums)), dtype=np.int8) * 2 - 1
    flipped: np.ndarray = coins.astype(np.float64) @ sums / len(values)
    return flipped


def per_class_means(values: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the means over classes of the classes' means, float64 [columns].

    Args:
        values: Float [images, columns].
        classes: Codes 0, 1, ... of the images' classes, int [images]; none is without an image.
    """
    means = [values[rows].mean(axis=0) for rows in _rows_of_classes(classes)]
    over_classes: np.ndarray = np.stack(means).mean(axis=0)
    return over_classes


def _shares(values: np.ndarray, rows: np.ndarray, out_of: np.ndarray | float) -> np.ndarray:
    """Return some of the rows, float64 [rows, columns]."""
    shares: np.ndarray = values[rows].astype(np.float64) / out_of
    return shares


def _drawn_classes(classes: int, samples: int, seed: int) -> np.ndarray:
    """Return how often each class is drawn, int [samples, classes]."""
    generator = np.random.default_rng(seed)
    drawn = generator.integers(0, classes, (samples, classes))
    cells = drawn + np.arange(samples)[:, None] * classes
    return np.bincount(cells.ravel(), minlength=samples * classes).reshape(samples, classes)


def _rows_of_classes(classes: np.ndarray) -> Iterator[np.ndarray]:
    """Yield the rows of each class, in the order of the codes."""
    order = np.argsort(classes, kind="stable")
    yield from np.split(order, np.cumsum(np.bincount(classes))[:-1])


def _image_counts(times: np.ndarray, images: int, generator: np.random.Generator) -> np.ndarray:
    """Draw all images of a class again as often as it was drawn: float64 [samples, images]."""
    draws = generator.integers(0, images, int(times.sum()) * images)
    cells = draws + np.repeat(np.arange(len(times)) * images, times * images)
    counts = np.bincount(cells, minlength=len(times) * images)
    return counts.reshape(len(times), images).astype(np.float64)


def _weighted_means(values: np.ndarray, samples: int, draw: Callable[[], np.ndarray]) -> np.ndarray:
    """Draw weights [images] for each sample and weight the rows, in blocks of samples."""
    block = max(1, _BLOCK_ELEMENTS // len(values))
    means = np.empty((samples, values.shape[1]))
    for start in range(0, samples, block):
        rows = range(start, min(start + block, samples))
        weights = np.stack([draw() for _ in rows]).astype(np.float64)
        means[start : rows.stop] = weights @ values / len(values)
    return means
