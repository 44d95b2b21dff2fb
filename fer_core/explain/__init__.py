"""Which parts of a face a prediction rests on."""
