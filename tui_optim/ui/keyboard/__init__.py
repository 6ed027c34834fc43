"""Keys and the palette: their names and ids, those of the user's own, and how sentences tell them."""
