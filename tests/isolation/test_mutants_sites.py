"""What counts as an explicit filter, and that a switched copy does the same as the original while nothing is away."""

import ast
from pathlib import Path

import pytest

from identity.models import Person
from kernel.scope import NoScope
from tests.architecture.source import ROOT
from tests.isolation import mutants_switch
from tests.isolation.mutants_filters import EXEMPT, SAMPLE, SEED, sampled
from tests.isolation.mutants_sites import Finder, is_owner, sites

SOURCE = '''"""Rows."""
from __future__ import annotations

def kept(rows, me):
    own = rows.filter(state="live", organization_id=me.organization_id)
    if own.organization_id != me.organization_id:
        raise LookupError
    return own
'''


class Rows:
    """Remembers by what it was filtered."""

    organization_id = 1

    def filter(self, **wanted: object) -> "Rows":
        self.wanted = wanted
        return self


class Stranger:
    organization_id = 2


def switched() -> dict[str, object]:
    """The functions of SOURCE with their sites switched."""
    finder = Finder(Path("kernel/rows.py"), SOURCE)
    assert [site.key for site in finder.found()] == [
        "kernel/rows.py kept: filter organization_id=me.organization_id",
        "kernel/rows.py kept: own.organization_id != me.organization_id",
    ]
    names: dict[str, object] = {}
    exec(compile(finder.switched(), "rows", "exec"), names)  # noqa: S102  # the copy is there to be run
    return names


@pytest.mark.parametrize(
    ("lookup", "owns"),
    [
        ("organization", True),
        ("organization_id", True),
        ("account_id__in", True),
        ("link__connection", True),
        ("reviewer__account_id", True),
        ("account__pseudonym", True),
        ("organization__closed_at__isnull", False),
        ("account__is_active", False),
        ("party_id__isnull", False),
        ("state", False),
    ],
)
def test_a_filter_names_the_owner_of_rows(lookup: str, owns: bool) -> None:
    """Whose a row is counts, at the end of any path; what its owner is like does not."""
    assert is_owner(lookup) is owns


def test_a_switched_copy_filters_as_before() -> None:
    """With nothing taken away the same rows are asked for, the stranger is refused, and both sites were noted."""
    mutants_switch.touched.clear()
    rows = Rows()
    with pytest.raises(LookupError):
        switched()["kept"](rows, Stranger())  # type: ignore[operator]
    assert rows.wanted == {"state": "live", "organization_id": 2}
    assert len(mutants_switch.touched) == 2


def test_a_site_is_taken_away_alone() -> None:
    """Without the comparison the stranger gets through while the query names the organisation; then the other way."""
    lookup, comparison = (site.key for site in Finder(Path("kernel/rows.py"), SOURCE).found())
    rows = Rows()
    try:
        mutants_switch.take_away(comparison)
        assert switched()["kept"](rows, Stranger()) is rows  # type: ignore[operator]
        assert rows.wanted == {"state": "live", "organization_id": 2}
        mutants_switch.take_away(lookup)
        with pytest.raises(LookupError):
            switched()["kept"](rows, Stranger())  # type: ignore[operator]
        assert rows.wanted == {"state": "live"}
    finally:
        mutants_switch.take_away()


def test_a_filter_alone_has_no_manager_below() -> None:
    """Taken away alone, the query names no organisation at all and needs no scope; no other query is touched."""
    people = Person.objects.filter(active=True)
    try:
        mutants_switch.take_away("this", bare=["this"])
        with pytest.raises(NoScope):
            str(mutants_switch.rows(people, "another").query)
        sql = str(mutants_switch.rows(people, "this", "another").query)
        with pytest.raises(NoScope):
            str(people.query)
    finally:
        mutants_switch.take_away()
    assert 'organization_id" =' not in sql
    assert "active" in sql


def test_the_sample_is_stable() -> None:
    """The same filters for the same seed, and one more filter in the apps replaces one of the sample at most."""
    found = sites()
    sample = sampled(found, size=SAMPLE, seed=SEED)
    assert len(sample) == SAMPLE
    assert sampled(found, size=SAMPLE, seed=SEED) == sample
    fewer = sampled(found[:-1], size=SAMPLE, seed=SEED)
    assert len(set(sample) - set(fewer)) <= 1


def test_exemptions_are_there() -> None:
    """Each exemption names a filter that stands in the apps; keys tell all filters apart."""
    keys = [site.key for site in sites()]
    assert set(EXEMPT) <= set(keys)
    assert len(keys) == len(set(keys))


def test_every_file_with_a_site_can_be_switched() -> None:
    """What the copy holds is Python again: the import stands after docstring and __future__."""
    for path in sorted({ROOT / site.key.partition(" ")[0] for site in sites()}):
        finder = Finder(path.relative_to(ROOT), path.read_text(encoding="utf-8"))
        finder.found()
        ast.parse(finder.switched())
