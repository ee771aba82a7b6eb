"""Messages, and the catalogue that turns them into words of a language."""
