"""What the sources draw, as plain data: screen, command line and figures show the same."""
