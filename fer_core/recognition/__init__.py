"""Faces of a picture and what a model predicts of them, as objects and as tables."""
