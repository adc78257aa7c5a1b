"""FastLabel v1: its shapes, and what they are in the store. No I/O, no clock."""
