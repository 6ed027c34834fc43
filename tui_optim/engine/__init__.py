"""HOW a run trains: the only package that computes with torch."""
