"""Webhooks, and the projects that plugins and webhooks are active on."""
