"""Projects that take assets from cloud storage."""
