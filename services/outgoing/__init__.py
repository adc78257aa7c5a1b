"""Requests that the server makes: the one client of the code base."""
