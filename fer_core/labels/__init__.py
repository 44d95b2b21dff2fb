"""Sets of labels: emotions and action units."""
