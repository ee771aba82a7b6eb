"""The mass-change guard (Bestandsabweichung): judges what is planned before it is sent, and locks."""
