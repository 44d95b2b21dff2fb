"""What a training run left behind: histories, curves, logs of other tools."""
