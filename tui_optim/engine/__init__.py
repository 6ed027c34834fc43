"""HOW a run trains: the only room that computes with torch."""
