"""GraphQL types, inputs and root fields; one room per noun, no rules and no SQL."""
