"""Where clients put and get files."""
