"""What the platform accepts of an ad. Pure: nothing here reads or writes."""
