"""Several models on the same rows: paired tests, differences, trade-offs."""
