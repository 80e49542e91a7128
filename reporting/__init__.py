"""Reads every app and shows it: dashboards, charts, audit packages."""
