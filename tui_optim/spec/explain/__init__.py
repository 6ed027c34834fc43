"""What everything that can be chosen or read means: texts as data, put together with what the registries say already."""
