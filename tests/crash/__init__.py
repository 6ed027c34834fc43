"""Deaths at every call that changes a file: exhaustively for what the store writes, and of real processes under a seed."""
