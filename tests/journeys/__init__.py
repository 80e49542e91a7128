"""The journeys of the product, end to end: real commits, and nothing but pages, REST and commands."""
