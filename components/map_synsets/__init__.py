"""Gives every label its vectors: the label space, and its random twin."""
