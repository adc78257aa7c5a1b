"""Statements of the FastLabel door. What all doors share is in `storage.door`."""

from typing import Final

DOOR: Final = "fastlabel"
