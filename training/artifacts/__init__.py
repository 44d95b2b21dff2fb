"""Files of a model folder, made from runs and saved models."""
