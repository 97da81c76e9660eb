"""In-app notifications in GraphQL [5.1.6]."""
