"""A type of the graph says whose rows it shows, whatever manager its model has.

tests/isolation/mutants_filters.py takes the filter away that this test holds in place.
"""

import pytest
from django.db.models import QuerySet

from identity.models import Membership
from kernel.graphql import Node
from tests.factories.tenants import member, tenant

pytestmark = pytest.mark.django_db


def test_rows_read_past_the_manager_are_of_the_open_organisation_alone():
    """`get_queryset` of a type filters by itself: a query that no manager filtered brings no row of another house."""
    one, other = tenant(), tenant()
    for house in (one, other):
        member(house, "viewer")
    with one.reading():
        found = Node.get_queryset(QuerySet(Membership))
        assert set(found.values_list("organization", flat=True)) == {one.organization.id}
