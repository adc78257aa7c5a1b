"""People: users and who is asking."""
