"""A data object in, a figure out; named as what they draw."""
