"""Reads of licensing/."""
