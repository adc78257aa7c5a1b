"""Annotations: the answers of a label, one by one."""
