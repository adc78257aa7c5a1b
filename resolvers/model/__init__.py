"""Language models, and the projects they answer in."""
