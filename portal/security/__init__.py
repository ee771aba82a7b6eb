"""Keys and borders: sealed secrets, signed links, password hashes, whose objects one may see. No Flask."""
