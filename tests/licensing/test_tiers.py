"""Tiers beside each other: the rule, the REST resource and the page."""

from dataclasses import replace

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from licensing.admin.tiers import ASPECTS
from licensing.operations import Conditions, NewFeature, NewLicenseType, create_feature, create_license_type
from licensing.queries.type_changes import preview
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import QuotaPeriod, QuotaTerms
from licensing.rules.rights_diff import Aspect, ChangeKind, Rights, rights_diff
from tests.factories import licensing
from tests.factories.moments import NOW
from tests.factories.tenants import signed_in
from tests.licensing.vendors import Vendor, vendor

GAINED, LOST, CHANGED = ChangeKind.GAINED, ChangeKind.LOST, ChangeKind.CHANGED
CHOICES = {"support": ("silver", "gold")}
MONTH = QuotaPeriod.MONTH
PLAIN = Rights(features={}, limits={})
CASES = [
    (PLAIN, replace(PLAIN, features={"a": None}), (GAINED, Aspect.FEATURE)),
    (
        replace(PLAIN, features={"support": "silver"}),
        replace(PLAIN, features={"support": "gold"}),
        (GAINED, Aspect.FEATURE),
    ),
    (replace(PLAIN, features={"tone": "low"}), replace(PLAIN, features={"tone": "high"}), (CHANGED, Aspect.FEATURE)),
    (
        replace(PLAIN, features={"x": QuotaTerms(limit=5, period=MONTH)}),
        replace(PLAIN, features={"x": QuotaTerms(limit=None, period=MONTH)}),
        (GAINED, Aspect.FEATURE),
    ),
    (
        replace(PLAIN, features={"x": QuotaTerms(limit=5, period=MONTH)}),
        replace(PLAIN, features={"x": QuotaTerms(limit=9, period=QuotaPeriod.YEAR)}),
        (CHANGED, Aspect.FEATURE),
    ),
    (replace(PLAIN, limits={"users": 5}), PLAIN, (GAINED, Aspect.LIMIT)),
    (replace(PLAIN, limits={"users": 5}), replace(PLAIN, limits={"users": 6}), (GAINED, Aspect.LIMIT)),
    (replace(PLAIN, territories=frozenset({"NO"})), PLAIN, (GAINED, Aspect.TERRITORIES)),
    (replace(PLAIN, domains=frozenset({"a"})), replace(PLAIN, domains=frozenset({"a", "b"})), (GAINED, Aspect.DOMAINS)),
    (replace(PLAIN, domains=frozenset({"a"})), replace(PLAIN, domains=frozenset({"b"})), (CHANGED, Aspect.DOMAINS)),
    (PLAIN, replace(PLAIN, grace_days=3), (GAINED, Aspect.GRACE)),
    (PLAIN, replace(PLAIN, months=12), (CHANGED, Aspect.TERM)),
    (PLAIN, replace(PLAIN, model="trial"), (CHANGED, Aspect.MODEL)),
    (PLAIN, replace(PLAIN, versions="<3"), (CHANGED, Aspect.VERSIONS)),
    (PLAIN, replace(PLAIN, departments=frozenset()), (LOST, Aspect.DEPARTMENTS)),
]
TURNED = {GAINED: LOST, LOST: GAINED, CHANGED: CHANGED}


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_a_difference_is_gained_lost_or_changed(before: Rights, after: Rights, expected: tuple[object, object]) -> None:
    """One difference each; turned round, gained and lost change places."""
    [change] = rights_diff(before, after, choices=CHOICES)
    assert (change.kind, change.aspect) == expected
    [back] = rights_diff(after, before, choices=CHOICES)
    assert (back.kind, back.before, back.after) == (TURNED[change.kind], change.after, change.before)


RIGHTS = st.builds(
    Rights,
    features=st.dictionaries(st.sampled_from("abc"), st.none() | st.sampled_from(["silver", "gold"])),
    limits=st.dictionaries(st.sampled_from("xy"), st.integers(0, 3)),
    territories=st.none() | st.frozensets(st.sampled_from(["NO", "SE"])),
)


@given(RIGHTS, RIGHTS)
def test_no_difference_exactly_for_equal_rights(before: Rights, after: Rights) -> None:
    """And every difference, turned round, is there again."""
    there, back = rights_diff(before, after), rights_diff(after, before)
    assert (there == ()) == (before == after)
    assert [(TURNED[one.kind], one.aspect, one.code) for one in there] == [
        (one.kind, one.aspect, one.code) for one in back
    ]


def test_every_aspect_has_words() -> None:
    """A difference of any kind can be shown on the page."""
    assert set(ASPECTS) == set(Aspect)


@pytest.fixture
def lumen(db: None) -> Vendor:
    return vendor("lumen")


def test_two_types_are_compared(lumen: Vendor) -> None:
    """Over REST and on the page, for whoever may see licences; strangers find neither."""
    with lumen.house.writing():
        licensing.feature(lumen.product, code="support", kind="choice", choices=["silver", "gold"])
    silver, gold = (
        lumen.license_type(
            code=f"cad-{level}",
            conditions=Conditions(features=(FeatureGrant("support", value=level),), limits={"projects": most}),
        )
        for level, most in (("silver", 5), ("gold", 3))
    )
    path, page = f"/api/v1/license-types/{silver.id}/compare/", f"/admin/licensing/licensetype/{silver.id}/compare/"
    support = signed_in(lumen.house, "support")
    found = support.get(path, {"other": str(gold.id)}).json()
    assert [(one["kind"], one["code"], one["before"], one["after"]) for one in found] == [
        ("gained", "support", "silver", "gold"),
        ("lost", "projects", "5", "3"),
    ]
    assert support.get(path).status_code == 400
    assert b"Compare with" in support.get(page).content
    shown = support.get(page, {"other": str(gold.id)}).content.decode()
    assert "Gained" in shown
    assert "projects" in shown
    assert "Both grant the same" in support.get(page, {"other": str(silver.id)}).content.decode()
    stranger = signed_in(vendor().house, "vendor_ops")
    assert stranger.get(path, {"other": str(gold.id)}).status_code == 404
    assert stranger.get(page).status_code == 404
    assert signed_in(lumen.house, "member").get(path).status_code == 403
    assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 401


def test_a_newer_version_says_all_that_it_takes(lumen: Vendor) -> None:
    """The preview of applying a version names quotas, domains and the strategy at the end, as the comparison does."""
    exports = FeatureGrant("export", value=QuotaTerms(limit=10, period=QuotaPeriod.MONTH))
    fewer = FeatureGrant("export", value=QuotaTerms(limit=5, period=QuotaPeriod.MONTH))
    with lumen.house.writing() as trail:
        create_feature(
            feature=NewFeature(product=lumen.product, code="export", name="Export", kind="quantity"), trail=trail
        )
    first = lumen.license_type("perpetual", conditions=Conditions(features=(exports,)))
    lumen.license(first)
    newer = NewLicenseType(
        code=first.code,
        name=first.name,
        product=lumen.product,
        model="perpetual",
        expiry_strategy="maintain",
        conditions=Conditions(features=(fewer,), domains=("example.org",)),
    )
    with lumen.house.writing() as trail:
        second = create_license_type(license_type=newer, supersedes=first, trail=trail)
    with lumen.house.reading():
        [change] = preview(second, at=NOW)
    assert change.diff.lost == ("domains * → example.org", "feature:export 10/month → 5/month")
    assert change.diff.changed == ("expiry_strategy restrict → maintain",)
    assert change.diff.gained == ()
