"""AutoScout24 Schweiz in the sandbox."""
