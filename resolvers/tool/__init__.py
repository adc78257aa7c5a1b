"""Tools, as which the first clients knew the interface of a project."""
