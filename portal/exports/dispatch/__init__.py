"""Sending what waits to an API platform, and writing what comes back."""
