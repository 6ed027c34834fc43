"""The terminal at the other end: its ground, its clipboard, its pace, and noticing that it is gone."""
