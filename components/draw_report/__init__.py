"""Draws the report of a run from what earlier stages wrote."""
