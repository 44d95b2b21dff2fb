"""When to believe a prediction: calibration, thresholds, robustness."""
