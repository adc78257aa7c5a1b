"""Plugins: what people register, and running it apart from the server."""
