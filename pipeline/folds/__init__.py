"""A run for each fold of the classes, and what the figures of all of them say."""
