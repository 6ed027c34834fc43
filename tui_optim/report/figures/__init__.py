"""Figures as files: plain data in, PNG, SVG or PDF out; one module per kind, Matplotlib behind one of them."""
