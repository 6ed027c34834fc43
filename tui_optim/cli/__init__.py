"""HOW it is called: the Typer commands."""
