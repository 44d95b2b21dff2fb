"""Uploaded photos and videos."""
