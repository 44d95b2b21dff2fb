"""What a model's predictions are worth: accuracy, F1, confusion, with intervals."""
