"""Experiments with documented results."""
