"""Stylised pictures of vehicles, drawn as layers so that one drawing serves every colour."""
