"""The drift check: what the platform's own list says of our listings, and repairs."""
