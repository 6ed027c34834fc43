"""The run table without its widget: which rows and columns there are, and what stands in them."""
