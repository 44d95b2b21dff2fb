"""What the datasets are: classes, duplicates, label agreement, maps."""
