"""What several grants of one feature come to: switches are on, quantities add up, of choices the last one counts.

Grants are in rising order of precedence: those of the licence type, of the licence, of its add-ons, oldest first.
"""

from collections.abc import Iterable
from datetime import datetime

from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import FeatureValue, QuotaTerms


def carried_at(grants: Iterable[FeatureGrant], at: datetime) -> dict[str, FeatureValue]:
    """Every feature that is on at `at`, in the order of its first grant, with its quota or choice (None: a switch)."""
    carried: dict[str, FeatureValue] = {}
    for grant in grants:
        if grant.period.holds_at(at):
            before = carried.get(grant.code)
            carried[grant.code] = _joined(before, grant.value)
    return carried


def quotas_at(grants: Iterable[FeatureGrant], at: datetime) -> dict[str, QuotaTerms]:
    """The quotas among them."""
    return {code: value for code, value in carried_at(grants, at).items() if isinstance(value, QuotaTerms)}


def _joined(before: FeatureValue, value: FeatureValue) -> FeatureValue:
    if not isinstance(value, QuotaTerms):
        return before if value is None else value
    return _sum(before, value) if isinstance(before, QuotaTerms) else value


def _sum(before: QuotaTerms, value: QuotaTerms) -> QuotaTerms:
    """Limits add up, and no limit stays none; period, warning and overage are those of the later grant. A grant that
    allows no overage takes none away."""
    together = None if before.limit is None or value.limit is None else before.limit + value.limit
    overage = value.overage if value.overage.amount else before.overage
    return QuotaTerms(limit=together, period=value.period, near_percent=value.near_percent, overage=overage)
