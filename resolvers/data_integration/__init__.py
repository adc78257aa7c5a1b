"""Cloud storage of organizations."""
