"""Live webcam."""
