"""Two customers of one house: what belongs to the business partner of one is hidden from the other.

A table belongs to a partner when its keys lead to one, so that a new table is in the walk as soon as it exists; an
address is opened to customers when the partner's own customer gets in, so that a new page is as well.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import models

from licensing.models import License, Party, Product, SigningKey
from seats.models import SeatPool
from tests.factories import compliance, identity, licensing, seats
from tests.graphs import nodes
from tests.isolation.canaries import owned, plant_in
from tests.isolation.furniture import LATER
from tests.isolation.houses import House
from tests.isolation.visitor import Door, Told, Visitor
from tests.isolation.walks import Chosen

MARK = "zq8canary"
ROLE = ("customer",)
NAMED = "party_id"
"""The column by which a table below licensing/ names a partner."""
OF_THE_HOUSE = {"/api/v1/organizations/<uuid:pk>/": "the organisation itself, which every member of it may read"}
"""Pattern → why a customer opens it although its row is no partner's."""


@dataclass
class Customers:
    """One customer looks, the other's matters are hidden; `chosen` knows what the hidden one's own people open."""

    home: House
    hidden: House
    door: Door
    theirs: Door
    chosen: Chosen

    def visitor(self, known: dict[Any, Told]) -> Visitor:
        return Visitor(self.home, self.hidden, ROLE, door=self.door, known=known)

    def graph_ids(self, house: House) -> dict[str, str]:
        """The partner's rows by the names of their types in the schema."""
        labels = {name: node.rows().model._meta.label_lower for name, node in nodes().items()}
        return {name: house.rows[label][0] for name, label in labels.items() if house.rows.get(label)}


def of_partners() -> set[type[Any]]:
    """Every table whose keys lead to a partner, and those that name one by a plain id."""
    found: set[type[Any]] = {Party}
    while more := {one for one in owned() if one not in found and _keys_to(one, found)}:
        found |= more
    return found | {one for one in owned() if any(each.name == NAMED for each in one._meta.local_fields)}


def _keys_to(model: type[Any], targets: set[type[Any]]) -> list[str]:
    return [
        one.name
        for one in model._meta.local_fields
        if isinstance(one, models.ForeignKey) and one.related_model in targets
    ]


def customers(house: House) -> Customers:
    """In a house that is furnished already: two partners, each with a row in every table of partners."""
    tables = of_partners()
    with house.tenant.writing():
        first, second = (_furnished(house) for _ in range(2))
    doors = [Door(house, ROLE, party=one) for one in (first, second)]
    with house.tenant.writing():
        for one in (first, second):
            _invited(house, one)
        home = _view(house, first, tables, house.words)
        # What the hidden partner has no row of is asked for by the partner's own id: the house's rows are not hidden.
        hidden = _view(house, second, tables, {})
        plant_in({label: keys for label, keys in hidden.rows.items() if keys}, MARK)
    empty = sorted({one._meta.label for one in tables if not hidden.rows[one._meta.label_lower]})
    assert not empty, f"tests/isolation/customers.py: furnish a row of a partner in {', '.join(empty)}"
    return Customers(home, hidden, doors[0], doors[1], Chosen(hidden, ROLE, doors[1], closed_by=(403,)))


def _furnished(house: House) -> UUID:
    organization, product = house.tenant.organization, Product.objects.earliest("id")
    partner = licensing.party(organization, kind="licensee")
    line = licensing.purchase_line(licensing.purchase(organization, supplier=partner), product=product)
    agreement = licensing.agreement(organization, licensor=partner, licensee=partner)
    licensing.amendment(agreement)
    right = licensing.entitlement(
        organization, product=product, agreement=agreement, licensee=partner, purchase_line=line
    )
    seats.source(SeatPool.objects.earliest("id"), entitlement=right)
    issued = licensing.license(licensing.license_type(product), licensee=partner)
    licensing.license_key(issued)
    licensing.activation(issued)
    licensing.license_renewal(issued)
    licensing.trial_claim(issued, value=f"{partner.id}.example")
    licensing.used_approval(issued)
    compliance.change_request(issued, due_at=LATER)
    licensing.add_on(issued)
    licensing.usage_day(issued)
    licensing.usage_daily(issued)
    licensing.use_right(right)
    licensing.certificate(issued, signing_key=SigningKey.objects.earliest("pk"))
    _floating(issued)
    licensing.party_access(partner, membership=identity.membership(organization, identity.account()))
    return UUID(str(partner.id))


def _floating(issued: License) -> None:
    """The pool of the partner's licence, with everything that hangs on a pool: the vendor's own matter."""
    pool = seats.pool(issued.organization, product=issued.product, license=issued)
    seat = seats.assignment(pool)
    seats.lease(pool, license=issued, state="waiting", ticket=1, acquired_at=None, expires_at=LATER)
    seats.lease_policy(pool)
    seats.lease_priority(pool, department="it")
    seats.reservation(pool)
    seats.eligibility(pool)
    seats.claim(pool, kind="rule", rule=seats.group_rule(issued.organization, pool=pool))
    seats.removal_candidate(seat)
    seats.exemption(issued.organization, pool=pool)
    compliance.violation(issued.organization, pool=pool, subject_id=str(pool.id))


def _invited(house: House, partner: UUID) -> None:
    """Somebody else of the partner has not come yet."""
    from_model = next(one for one in owned() if one._meta.label == "identity.Invitation")
    row = from_model.objects.earliest("pk")
    row.pk, row.party_id, row.digest = None, partner, partner.bytes * 2
    row.email = row.email_lower = f"invited-{partner}@example.org"
    row._state.adding = True
    row.id = UUID(int=partner.int ^ 1)
    row.save()


def _view(house: House, partner: UUID, tables: set[type[Any]], words: dict[str, str]) -> House:
    """The house as a customer should see it: its partner's rows alone; `words` name what these do not."""
    found: dict[type[Any], set[Any]] = {Party: {partner}}
    size = -1
    while size != sum(map(len, found.values())):
        size = sum(map(len, found.values()))
        for model in tables:
            named = models.Q(party_id=partner) if any(one.name == NAMED for one in model._meta.local_fields) else None
            for name in _keys_to(model, set(found)):
                target = model._meta.get_field(name).related_model
                leads = models.Q(**{f"{name}__in": found[target]})
                named = leads if named is None else named | leads
            if named is not None:
                found.setdefault(model, set()).update(model.objects.filter(named).values_list("pk", flat=True))
    rows = {model._meta.label_lower: sorted(str(key) for key in keys) for model, keys in found.items()}
    words = words | {label.split(".")[1]: keys[0] for label, keys in rows.items() if keys}
    # Numbers in addresses, and filters by tables that are no partner's, have a row to be filled with.
    rows |= {"audit.event": [], "identity.person": rows["licensing.party"]}
    return House(house.tenant, rows, words, names=house.names, mark=MARK, whole=False)
