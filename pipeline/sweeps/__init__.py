"""Sweeps: many runs over some settings, compared by a figure of the validation images."""
