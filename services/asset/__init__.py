"""Assets: imported, changed, deleted, handed out, and what they consist of."""
