"""Model cards, use and limits."""
