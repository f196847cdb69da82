"""Computational graphs as self-contained SVG pictures.

picture.py draws, labels.py says how values and names read, layout.py finds the places of layers
and rows, mesh.py the order and height within them.
"""

from .picture import GraphPicture, draw_graph

__all__ = ["GraphPicture", "draw_graph"]
