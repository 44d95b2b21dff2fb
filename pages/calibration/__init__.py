"""Calibration and threshold."""
