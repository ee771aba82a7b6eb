"""What every part of the engine stands on: runtime, lease, tasks, retries, the platform's whole list."""
