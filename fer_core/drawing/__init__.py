"""Draws boxes, labels, heatmaps and crops on images."""

from fer_core.drawing.boxes import OverlayStyle, draw_faces
from fer_core.drawing.crop_preview import BOX_COLOR, SQUARE_COLOR, draw_crop
from fer_core.drawing.heatmap import over_face, over_photo

__all__ = [
    "BOX_COLOR",
    "SQUARE_COLOR",
    "OverlayStyle",
    "draw_crop",
    "draw_faces",
    "over_face",
    "over_photo",
]
