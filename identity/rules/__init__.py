"""Pure rules of identity/."""
