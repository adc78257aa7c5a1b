"""Issues, questions and comments."""
