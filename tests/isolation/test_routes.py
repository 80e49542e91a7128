"""The lists by which the matrix reads addresses hold nothing that is not there."""

from tests.architecture.source import none
from tests.isolation.routes import PREFIXES, PUBLIC, WORDS, routes


def test_the_lists_of_the_matrix_are_needed() -> None:
    """Each surface, each public address and each parameter without a row still exists; a public address is not already
    told by the surface that it stands on."""
    patterns = {route.pattern for route in routes()}
    none(prefix for prefix in PREFIXES if not any(pattern.startswith(prefix) for pattern in patterns))
    none(set(PUBLIC) - patterns)
    none(address for address in PUBLIC if address.startswith(tuple(PREFIXES)))
    none(set(WORDS) - {name for route in routes() for _converter, name in route.parameters})
