"""Labels: checked, submitted, edited, deleted."""
