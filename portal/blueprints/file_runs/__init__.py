"""Runs of file apps."""
