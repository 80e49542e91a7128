"""What the demo adds about access: it runs through the operations, so their rules hold for it as well."""

import pytest

from config.demo import access
from config.management.commands.demo import ACCOUNTS
from identity.models import AccessReviewItem, OrgUnit
from identity.operations import create_org_unit
from licensing.models import ProductOwner
from tests.factories import identity, licensing
from tests.factories.tenants import member, tenant

pytestmark = pytest.mark.django_db


def test_the_demo_has_a_review_that_runs_owners_of_products_and_a_tree():
    """Two answers are given, the rest waits; three products have an owner; every cost centre has an approver."""
    one = tenant()
    for slug, role, email, _name in ACCOUNTS:
        if slug == "halden":
            member(one, role, email=email)
    with one.writing() as opened:
        create_org_unit(code="4100", name="Workplace", trail=opened)
        for _ in range(14):
            identity.person(one.organization)
        for _ in range(4):
            licensing.product(one.organization)
    access.furnish(one.organization)
    with one.reading():
        decided = AccessReviewItem.objects.filter(decided_at__isnull=False).count()
        assert (decided, AccessReviewItem.objects.count()) == (2, len([one for one in ACCOUNTS if one[0] == "halden"]))
        assert ProductOwner.objects.count() == 3
        assert OrgUnit.objects.filter(kind="cost_centre", approver__isnull=False, parent__code="1000").count() == 1
