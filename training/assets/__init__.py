"""Files that come with the library, computed from the datasets: numbers, and average faces."""
