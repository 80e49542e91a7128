"""pytest plugins of this project: requirements, databases, servers."""
