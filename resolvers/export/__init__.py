"""Exports that the server makes: operations of this server's own."""
