"""What the demo adds about access: it runs through the operations, so their rules hold for it as well."""

import pytest

from audit.queries import events
from config.demo import access, provisioning
from config.management.commands.demo import ACCOUNTS
from identity.models import AccessReviewItem, DirectoryGroup, OrgUnit, ProvisioningEntry, ScimToken
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


def test_the_demo_has_a_directory_service_with_a_group_and_a_log():
    """One token that was used, a group with its members, changes, and refusals of which the ledger has the first."""
    one = tenant()
    with one.writing():
        for _ in range(9):
            identity.person(one.organization)
    provisioning.furnish(one.organization)
    with one.reading():
        token = ScimToken.objects.get()
        assert (token.name, token.last_used_at is not None) == ("Entra ID", True)
        assert DirectoryGroup.objects.get().members.count() == 8
        log = ProvisioningEntry.objects.filter(token=token)
        assert sorted(log.values_list("verb", "resource_type", "status")) == [
            ("PATCH", "User", 200),
            ("PATCH", "User", 200),
            ("POST", "Group", 201),
            *[("POST", "User", 409)] * 3,
        ]
        assert [event.kind for event in events()].count("provisioning.refused") == 1
