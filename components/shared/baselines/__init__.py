"""Baselines that need no training of DeViSE: the hierarchy alone, closed forms, a graph network."""
