"""Versions of projects."""
