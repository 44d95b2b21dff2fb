"""Experiments whose results are documented."""
