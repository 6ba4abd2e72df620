"""Trains the DeViSE model on a visual model and a label space."""
