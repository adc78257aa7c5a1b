"""Jobs: work that happens after a commit."""
