"""The facts of a vehicle: how they are read from what people and systems write. Imports nothing of ours."""
