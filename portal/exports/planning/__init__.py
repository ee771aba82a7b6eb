"""What is to be done for a vehicle, and what an answer means: decided without effects; the waiting rows."""
