"""Where assets stand in the workflow: actions on them, steps, locks."""
