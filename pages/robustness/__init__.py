"""Worse pictures."""
