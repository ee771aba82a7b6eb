"""The event process: tells open pages what has changed, over one stream each (`python -m portal.live`)."""
