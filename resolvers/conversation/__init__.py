"""Conversations with models."""
