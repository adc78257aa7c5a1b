"""Conversations with models: importing them, beginning them, having models answer."""
