"""The embedded PostgreSQL: its programs, its account, its files, its processes."""
