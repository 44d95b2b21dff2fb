"""Files shipped with the library, computed from the datasets: statistics and average faces."""
