"""Writes of the FastLabel door."""
