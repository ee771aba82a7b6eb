"""Runs over the whole stock as a file: when, what, whether it may be published, and what became of it."""
