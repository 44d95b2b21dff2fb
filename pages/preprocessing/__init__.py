"""Preprocessing, step by step."""
