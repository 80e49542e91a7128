"""Two furnished houses: one that looks, and one that must never be seen."""

import hashlib
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import models

from identity.models import Account, Membership, Organization, Person, SamlConnection
from licensing.models import Product
from tests.factories.tenants import Tenant, member, tenant
from tests.isolation.canaries import MARK, Planted, make_missing, owned, plant
from tests.isolation.furniture import account_session, furnish
from tests.robustness.test_addresses import furnished


@dataclass(frozen=True)
class House:
    """An organisation with a row in every table. `rows`: model → ids, oldest first; `words`: ids by the words by which
    bodies name rows; `ids`: everything by which the house could be recognised."""

    tenant: Tenant
    rows: dict[str, list[str]]
    words: dict[str, str]
    planted: Planted = field(default_factory=Planted)
    names: dict[str, str] = field(default_factory=dict)
    """What addresses and forms say in place of an id, by the name of the parameter."""

    mark: str = MARK
    whole: bool = True
    """Whether the house stands for all rows of its organisation; else `rows` are all that there is of it."""

    @property
    def ids(self) -> frozenset[str]:
        keys = {key for keys in self.rows.values() for key in keys if is_uuid(key)}
        return frozenset({*keys, str(self.tenant.organization.id)} if self.whole else keys)

    def digests(self) -> dict[str, str]:
        """A digest of every table's rows of this house: equal before and after means that nothing was changed."""
        with self.tenant.reading():
            return {model._meta.label: _digest(self._rows_of(model).values()) for model in owned()}

    def _rows_of(self, model: type[Any]) -> Any:
        rows = model._default_manager.order_by("pk")
        return rows if self.whole else rows.filter(pk__in=self._keys_of(model))

    def _keys_of(self, model: type[Any]) -> list[str]:
        # What merely fills an address is not of the table that it is named after.
        return [] if model._meta.label_lower == "identity.person" else self.rows.get(model._meta.label_lower, [])


def house(*, marked: bool) -> House:
    """Furnished by factories and, for tables that these do not know, by what the columns take; `marked` plants the
    canaries in its texts, its name and its accounts."""
    one = tenant()
    words = furnished(one)
    account, _principal = member(one, "viewer")
    with one.writing() as trail:
        furnish(one, trail)
        make_missing(one.organization, account)
        planted = plant() if marked else Planted()
        people = list(Membership.objects.values_list("account_id", flat=True))
        rows = {model._meta.label_lower: _keys(model) for model in owned()}
        names = {
            "connection": SamlConnection.objects.earliest("id").public_id,
            "user_name": Person.objects.filter(active=True, merged_into=None).earliest("id").user_name,
            "product_name": Product.objects.earliest("id").name,
        }
    if marked:
        Organization.objects.filter(id=one.organization.id).update(name=f"{MARK} house", slug=f"{MARK}-house")
        Account.objects.filter(id__in=people).update(display_name=f"{MARK} account")
    rows["identity.accountsession"] = [str(account_session(one.organization, account).id)]
    rows["identity.account"] = [str(key) for key in people]
    rows["identity.organization"] = [str(one.organization.id)]
    return House(one, rows, words | _by_table(rows), planted, names)


def _keys(model: type[models.Model]) -> list[str]:
    return [str(key) for key in model._default_manager.order_by("pk").values_list("pk", flat=True)]


def _by_table(rows: dict[str, list[str]]) -> dict[str, str]:
    """ids[0] by the model's bare name, for members of bodies that are called like it ("orgunit", "agreement")."""
    return {label.split(".")[1]: keys[0] for label, keys in rows.items() if keys}


def _digest(rows: Any) -> str:
    return hashlib.sha256("\n".join(repr(sorted(row.items())) for row in rows).encode()).hexdigest()


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
