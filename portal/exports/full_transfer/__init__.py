"""The full transfer: the whole stock of an API activation once more."""
