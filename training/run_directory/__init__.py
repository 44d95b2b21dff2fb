"""What a run keeps on disk: checkpoints, layout, environment, lock."""
