"""What commands print, and the `--final` that opens the test split."""
