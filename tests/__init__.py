"""The tests: a folder per app; journeys, architecture and browser beside. CONTRIBUTING.md says how to run them."""
