"""Pages of the dashboards and of the audit centre."""
