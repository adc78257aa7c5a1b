"""Exports: archives of labels in the formats of other tools, made by jobs."""
