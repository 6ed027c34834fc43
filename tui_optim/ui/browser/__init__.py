"""The app in a browser: who may see it, where it listens, and the process behind each tab."""
