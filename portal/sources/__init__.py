"""Files that are fetched from dealers' systems by schedule, and taken in like an upload. No Flask."""
