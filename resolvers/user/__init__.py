"""Users, and the caller."""
