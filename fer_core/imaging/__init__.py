"""From bytes to 48x48 faces: pixels, preprocessing, corruptions."""
