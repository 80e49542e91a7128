"""A vendor's floating licence, and clients that take its seats through the live views."""

from dataclasses import dataclass, replace
from typing import Any

from django.test import Client

from licensing.models import License
from seats.models import Lease, SeatPool
from seats.operations.lease_pools import pool_of_license, set_lease_priority, set_lease_terms
from seats.rules.leases import USUAL
from tests.licensing.vendors import Vendor, vendor


@dataclass(frozen=True)
class Floating:
    """A floating licence with its key and pool."""

    vendor: Vendor
    license: License
    key: str
    pool_id: Any

    def terms(self, **changes: Any) -> None:
        """The usual terms but for these."""
        with self.vendor.house.writing() as trail:
            set_lease_terms(pool=self.pool, terms=replace(USUAL, **changes), trail=trail)

    def priority(self, department: str, priority: int) -> None:
        with self.vendor.house.writing() as trail:
            set_lease_priority(pool=self.pool, department=department, priority=priority, trail=trail)

    @property
    def pool(self) -> SeatPool:
        return SeatPool.objects.get(id=self.pool_id)

    def ask(self, step: str, *, browser: Client | None = None, headers: Any = None, **members: Any) -> Any:
        body = {"key": self.key, "nonce": "bm9uY2U", **members}
        client = browser or Client(HTTP_HOST="127.0.0.1")
        return client.post(f"/api/v1/leases/{step}", body, content_type="application/json", headers=headers)

    def take(self, user: str = "anna", **holder: Any) -> Any:
        """The lease that a check-out answers; None where it is refused."""
        given = self.ask("checkout", holder={"user": user, **holder})
        assert given.status_code == 200, given.content
        return given.json()["lease"]

    def used(self) -> int:
        with self.vendor.house.reading():
            return self.pool.used

    def rows(self) -> list[Lease]:
        with self.vendor.house.reading():
            return list(Lease.objects.order_by("id"))

    def late(self, lease: str, **columns: Any) -> None:
        """Sets columns of a lease as time would, past every operation."""
        with self.vendor.house.writing():
            Lease.objects.filter(id=lease).update(**columns)


def floating(slug: str = "lumen", *, seats: int = 2, **terms: Any) -> Floating:
    one = vendor(slug)
    license, key = one.keyed("floating", quantity=seats)
    with one.house.writing() as trail:
        pool_id = pool_of_license(license=license, trail=trail)
    found = Floating(one, license, key, pool_id)
    if terms:
        found.terms(**terms)
    return found


def returning(token: str) -> Any:
    """The response to a certificate that is given back; no key is needed."""
    client = Client(HTTP_HOST="127.0.0.1")
    return client.post("/api/v1/leases/return", {"certificate": token}, content_type="application/json")
