"""Widgets that know how to draw, and nothing of searches."""
