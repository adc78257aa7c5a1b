"""Webhooks: URLs that are called on events."""
