"""Organizations and their licence."""
