"""Members of projects and their roles."""
