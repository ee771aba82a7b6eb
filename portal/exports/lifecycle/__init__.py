"""An activation from draft to deactivated, and how it goes on by itself after a stop."""
