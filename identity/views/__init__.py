"""Pages of identity/: signing in, and what an organisation settles about its people and their access."""
