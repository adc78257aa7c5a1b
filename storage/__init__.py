"""Rows, reading plans, filters, migrations and files; no rules, no GraphQL."""
