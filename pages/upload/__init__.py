"""Photos and clips."""
