"""The shapes of front doors: what their clients send and read, as plain functions of what is stored."""
