"""Reads of the dashboards: each gathers facts from the apps below in a fixed number of queries."""
