"""The English catalogue, and the extractor that finds texts outside Flask and templates."""
