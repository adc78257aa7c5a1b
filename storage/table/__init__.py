"""The tables, one class a file."""
