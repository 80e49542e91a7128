"""What the import linter and the type checker cannot see, read from the source and from Django's registry."""
