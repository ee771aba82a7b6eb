"""A platform or an account in trouble: the breaker, and activations that stop."""
