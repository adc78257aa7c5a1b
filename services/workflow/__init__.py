"""The workflow: its steps and their groups, actions on assets, and the states that follow."""
