"""Labels: submission, import, lists, edits, deletion, subscription."""
