"""The rules of labeling as plain functions and dataclasses; no I/O, no clock, no randomness."""
