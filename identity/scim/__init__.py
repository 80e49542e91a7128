"""SCIM 2.0: directory services keep people and groups up to date (docs/provisioning.md)."""
