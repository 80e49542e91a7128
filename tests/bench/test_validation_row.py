"""The row of P1 to P4 runs, on few licences and for moments: what it says about speed is looked at by nobody here."""

import pytest

from bench import load, p1_validation
from bench.servers import WORKERS
from tests.plugins.databases import CommittedDatabase


@pytest.mark.postgres
def test_every_side_decides_and_is_measured(committed_db: CommittedDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The product by default and both baselines start, answer every licence with a verified VALID, and give a leg each:
    with CPU of their own, on both of their processes. Three of the five servers: each loads everything twice."""
    for name, value in {**committed_db.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}.items():
        monkeypatch.setenv(name, str(value))
    for name, number in {"LICENSES": 12, "SECONDS": 0.3, "WARM": 0.1, "WARM_UNCACHED": 0.1}.items():
        monkeypatch.setattr(p1_validation, name, number)
    monkeypatch.setattr(load, "PATIENCE", 240)
    sides = {name: p1_validation.SIDES[name] for name in ("bare", "drf", "async_commit")}
    monkeypatch.setattr(p1_validation, "SIDES", sides)
    targets = tuple(one for one in p1_validation.TARGETS if {one[1], one[2]} <= set(sides))
    monkeypatch.setattr(p1_validation, "TARGETS", targets)
    with p1_validation.comparisons() as rows:
        assert [row.name[:2] for row in rows] == ["P2", "P4"]
        for row in rows:
            for leg in (row.baseline(), row.path()):
                assert leg.units > 0
                assert leg.seconds >= 0.3
                assert 0 <= leg.cpu < leg.seconds * (WORKERS + p1_validation.CONNECTIONS)
