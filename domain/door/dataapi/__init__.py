"""Data tasks: what a customer sends, what a worker fills in, and what comes back."""
