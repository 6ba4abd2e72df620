"""Markup, charts and style, without any knowledge of models."""
