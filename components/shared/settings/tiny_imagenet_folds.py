"""Tiny-ImageNet's 200 classes in five folds of 40, which the file beside this one lists.

Fold 0 was drawn first, by random.Random(2013).sample(sorted(classes), 40); the others are what
`pipeline.py folds --first` makes of the rest with the same seed.
"""

from pathlib import Path

from components.shared.settings.class_folds import read_class_folds

TINY_IMAGENET_FOLDS = read_class_folds(Path(__file__).with_suffix(".json"))
