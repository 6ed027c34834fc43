"""What the screens work on, and what may block: starting, commanding and labelling runs."""
