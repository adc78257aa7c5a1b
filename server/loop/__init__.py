"""Background loops, all run by `runner`."""
