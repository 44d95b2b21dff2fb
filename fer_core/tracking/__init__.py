"""Faces over time: tracks, smoothing, hysteresis."""
