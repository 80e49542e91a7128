"""Forms of identity/."""
