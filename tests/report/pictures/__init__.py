"""What the sources draw."""
