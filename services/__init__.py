"""One function per write operation, given an open transaction and the actor."""
