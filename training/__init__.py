"""Datasets, training, evaluation and export of the expression classifiers."""
