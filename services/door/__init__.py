"""What front doors share beside GraphQL."""
