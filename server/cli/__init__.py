"""The command `labelyard`: one module for each group of commands."""
