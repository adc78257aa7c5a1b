"""Projects of data tasks, and callbacks about their items."""
