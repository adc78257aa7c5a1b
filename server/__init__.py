"""The edge: application, settings, authentication, background loops, command line."""
