"""The requirement report: claims are checked, and what has no test is said."""

from typing import Any

import pytest

from tests.plugins import requirements


class _Item:
    """As much of a collected test as the report reads."""

    def __init__(self, nodeid, ids, words="It holds."):
        self.nodeid, self._ids = nodeid, ids
        self.function = type("function", (), {"__doc__": words})

    def iter_markers(self, name):
        assert name == "requirement"
        return [pytest.mark.requirement(*self._ids).mark]


def _items(*items: Any) -> list[pytest.Item]:
    return list(items)


def test_every_requirement_of_the_list_is_read():
    """docs/requirements.csv has 240 requirements with unique ids, each with an acceptance check."""
    rows = requirements.requirements()
    assert (len(rows), min(rows), max(rows)) == (240, "REQ-001", "REQ-240")
    assert all(row.acceptance and row.requirement for row in rows.values())


@pytest.mark.parametrize(
    ("ids", "words", "mistake"),
    [
        (["REQ-001"], "It holds.", ""),
        (["REQ-999"], "It holds.", "not in docs/requirements.csv"),
        (["REQ-001"], "", "without a sentence"),
        (["REQ-001", "REQ-002", "REQ-003", "REQ-004"], "It holds.", "claims 4 requirements"),
        ([], "", ""),
    ],
)
def test_claims_are_checked(ids, words, mistake):
    """A claim names a requirement that exists, says in a sentence what it proves, and does not claim everything."""
    found = requirements.mistake(_items(_Item("a::b", ids, words))[0])
    assert mistake in found
    assert bool(mistake) == bool(found)


def test_report_puts_acceptance_beside_the_sentence_and_counts_the_rest():
    """Parameters of one test count once; every requirement without a test stands at the end."""
    report = requirements.report(_items(_Item("a::b[1]", ["REQ-001"]), _Item("a::b[2]", ["REQ-001"])))
    text = "\n".join(report)
    asked = requirements.requirements()["REQ-001"].acceptance
    assert report[1:3] == [f"    asked   {asked}", "    proved  It holds."]
    assert text.count("a::b") == 1
    assert "Without a test: 239 of 240" in text
