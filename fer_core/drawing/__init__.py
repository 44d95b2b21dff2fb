"""Boxes, labels, heatmaps and crops on pixels."""
