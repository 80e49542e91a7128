"""What names in imported sheets mean: products of the catalogue, people and devices of the directory."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self, TypeVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from identity.models import Device, Person, PersonEmail
from licensing.importing.findings import Rule, error
from licensing.importing.texts import comparable
from licensing.models import Edition, Product, ProductAlias

Row = TypeVar("Row")

PRODUCT_UNKNOWN = error(
    "PRODUCT_UNKNOWN",
    _("%(product)s is not in the catalogue. Import its entitlement first, or record this spelling as another name."),
)
PRODUCT_AMBIGUOUS = error(
    "PRODUCT_AMBIGUOUS", _("More than one publisher has a product called %(product)s. Name the publisher.")
)


@dataclass(frozen=True)
class ProductNames:
    """The products of the catalogue and their other names, as `comparable` leaves them."""

    products: Mapping[str, Sequence[Product]]
    aliases: Mapping[str, tuple[Product, Edition | None]]

    @classmethod
    def read(cls) -> Self:
        """Two queries."""
        products: dict[str, list[Product]] = defaultdict(list)
        for row in Product.objects.select_related("publisher"):
            products[comparable(row.name)].append(row)
        return cls(
            products=products,
            aliases={
                row.alias_normalised: (row.product, row.edition)
                for row in ProductAlias.objects.select_related("product__publisher", "edition")
            },
        )

    def meant(self, *, product: str, publisher: str | None) -> tuple[Product, Edition | None] | Rule:
        """The product, with the edition where another name stands for one; or the rule that the name breaks."""
        spelt = comparable(product)
        candidates = [
            row
            for row in self.products.get(spelt, ())
            if not publisher or comparable(publisher) == comparable(row.publisher.name)
        ]
        if len(candidates) > 1:
            return PRODUCT_AMBIGUOUS
        if candidates:
            return candidates[0], None
        return self.aliases.get(spelt, PRODUCT_UNKNOWN)


@dataclass
class DirectoryNames:
    """People and devices by each of their names."""

    people: dict[str, Person] = field(default_factory=dict)
    devices: dict[str, Device] = field(default_factory=dict)

    @classmethod
    def read(cls) -> Self:
        """Three queries. Those who were erased are nobody."""
        names = cls()
        by_id: dict[UUID, Person] = {}
        for person in Person.objects.filter(deleted_at__isnull=True).order_by("created_at").iterator(chunk_size=2000):
            by_id[person.id] = person
            names.people[f"user:{person.user_name_lower}"] = person
            if person.employee_number:
                names.people[f"number:{person.employee_number.lower()}"] = person
        addresses = PersonEmail.objects.filter(person__deleted_at__isnull=True)
        for person_id, address in addresses.values_list("person_id", "value_lower").iterator():
            names.people.setdefault(f"mail:{address}", by_id[person_id])
        for device in Device.objects.iterator(chunk_size=2000):
            names.devices[f"host:{device.hostname_lower}"] = device
            if device.serial:
                names.devices[f"serial:{device.serial.lower()}"] = device
        return names

    def person(self, *, user_name: str | None, email: str | None, employee_number: str | None) -> Person | None:
        said = (("user", user_name), ("mail", email), ("number", employee_number))
        return _first(self.people, said)

    def device(self, *, hostname: str | None, serial_number: str | None) -> Device | None:
        return _first(self.devices, (("host", hostname), ("serial", serial_number)))


def _first(known: Mapping[str, Row], said: Sequence[tuple[str, str | None]]) -> Row | None:
    keys = (f"{kind}:{value.lower()}" for kind, value in said if value)
    return next((known[key] for key in keys if key in known), None)
