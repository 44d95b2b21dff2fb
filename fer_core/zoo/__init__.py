"""Saved models: card, files beside it, classifier, latency."""
