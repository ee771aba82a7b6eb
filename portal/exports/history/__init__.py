"""The export history as it is read. No Flask.

filters     the state of the page: its URL (pure)
pages       which transfers a page shows, and how many there are
rows        what a row shows
timeline    all that happened to one vehicle
"""
