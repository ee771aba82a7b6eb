"""What several platforms have in common: rules of the trade, and what every whole-stock file needs."""
