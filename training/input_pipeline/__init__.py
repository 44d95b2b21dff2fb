"""From a dataset to augmented batches with targets."""
