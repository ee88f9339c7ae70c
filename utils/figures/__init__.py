"""Drawings. `style` is the look of all; `networks` and `verdict` serve all chapters."""
