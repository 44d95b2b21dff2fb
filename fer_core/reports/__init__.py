"""Results as documents: HTML and Markdown."""
