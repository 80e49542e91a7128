"""The row of P1 to P4 runs, on few licences and for moments: what it says about speed is looked at by nobody here."""

import pytest

from bench import p1_validation
from bench.servers import WORKERS
from tests.plugins.databases import CommittedDatabase


@pytest.mark.postgres
def test_every_side_decides_and_is_measured(committed_db: CommittedDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """All five servers start, answer every licence with a verified VALID, and give a leg each: with CPU of their own,
    on both of their processes."""
    for name, value in {**committed_db.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}.items():
        monkeypatch.setenv(name, str(value))
    for name, number in {"LICENSES": 12, "SECONDS": 0.3, "WARM": 0.1, "WARM_UNCACHED": 0.1}.items():
        monkeypatch.setattr(p1_validation, name, number)
    with p1_validation.comparisons() as rows:
        assert [row.name[:2] for row in rows] == ["P1", "P2", "P3", "P4"]
        for row in rows:
            for leg in (row.baseline(), row.path()):
                assert leg.units > 0
                assert leg.seconds >= 0.3
                assert 0 <= leg.cpu < leg.seconds * (WORKERS + p1_validation.CONNECTIONS)
