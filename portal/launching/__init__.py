"""What `make run` is made of: checks before the start, services, child processes."""
