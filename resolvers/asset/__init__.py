"""Assets: import, lists, updates, deletion."""
