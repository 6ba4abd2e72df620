"""Composition root: the graph, its presets, where it runs, and the command line."""
