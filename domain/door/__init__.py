"""Shapes of other products, and what they are in the store."""
