"""What several pages let one choose."""
