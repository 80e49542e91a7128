"""Shared fixtures. Databases, servers and the requirement report each stand in a plugin of their own."""

pytest_plugins = [
    "tests.plugins.requirements",
    "tests.plugins.databases",
    "tests.plugins.servers",
    "tests.plugins.counts",
    "tests.plugins.order",
]
