"""How the packaged presets got their rates; not collected as tests."""
