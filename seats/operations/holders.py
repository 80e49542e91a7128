"""What is asked for: a holder and a quantity; and the holders themselves, locked and read again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from identity.models import Device, Person
from kernel.errors import Conflict, InvalidInput, NotFound, Refusal


class HolderUnclear(InvalidInput):
    """A seat is held by exactly one person, device or external holder."""

    code = "HOLDER_UNCLEAR"


class QuantityInvalid(InvalidInput):
    """A seat is for at least one unit."""

    code = "QUANTITY_INVALID"


class SeatTermInvalid(InvalidInput):
    """A seat starts now or earlier, and its planned end lies after its start."""

    code = "SEAT_TERM_INVALID"


class HolderNotFound(NotFound):
    """There is no such person or device in this organisation."""

    code = "HOLDER_NOT_FOUND"


class PersonInactive(Conflict):
    """The person has left the organisation; who has left holds no new seat."""

    code = "PERSON_INACTIVE"
    event = "seat.refused"


class DeviceRetired(Conflict):
    """The device is out of use; what is out of use holds no new seat."""

    code = "DEVICE_RETIRED"
    event = "seat.refused"


HolderKey = tuple[str, str]
"""What makes two requests mean the same holder: ("person" | "device" | "external", id or lower-case name)."""


@dataclass(frozen=True, kw_only=True)
class SeatRequest:
    """A seat that is wanted: exactly one of person, device and external holder, and `quantity` of what the pool counts.

    `since` None: from now on; a past moment is what an import knows. `until` is a planned end. `reason` is the words of
    whoever asks.
    """

    person: Person | None = None
    device: Device | None = None
    external_holder: str = ""
    quantity: int = 1
    since: datetime | None = None
    until: datetime | None = None
    reason: str = ""

    @property
    def key(self) -> HolderKey:
        if self.person is not None:
            return "person", str(self.person.id)
        if self.device is not None:
            return "device", str(self.device.id)
        return "external", self.external_holder.strip().lower()


def mistake_in(wanted: SeatRequest, *, at: datetime) -> Refusal | None:
    """What no state of the book could allow at `at`: HolderUnclear, QuantityInvalid or SeatTermInvalid; or None."""
    holders = (wanted.person is not None, wanted.device is not None, bool(wanted.external_holder.strip()))
    if sum(holders) != 1:
        return HolderUnclear(
            _("Name one holder: a person, a device or somebody outside the directory."), pointer="/person"
        )
    if wanted.quantity < 1:
        return QuantityInvalid(_("A seat is for at least one unit."), pointer="/quantity")
    if wanted.since is not None and wanted.since > at:
        return SeatTermInvalid(_("A seat cannot start in the future."), pointer="/since")
    if wanted.until is not None and wanted.until <= at:
        return SeatTermInvalid(_("The planned end lies in the past."), pointer="/until")
    return None


@dataclass(frozen=True)
class Holders:
    """People and devices as they are now."""

    people: dict[UUID, Person] = field(default_factory=dict)
    devices: dict[UUID, Device] = field(default_factory=dict)

    def refusal(self, wanted: SeatRequest) -> Refusal | None:
        """Why this holder may hold no new seat at all, or None."""
        if wanted.person is not None:
            return self._about_person(wanted.person)
        if wanted.device is not None:
            return self._about_device(wanted.device)
        return None

    def _about_person(self, named: Person) -> Refusal | None:
        person = self.people.get(named.id)
        if person is None:
            return HolderNotFound(_("There is no such person in your organisation."), pointer="/person")
        if not person.active:
            return PersonInactive(
                _("%(name)s has left the organisation and cannot hold a seat.") % {"name": person},
                pointer="/person",
                details={"person": str(person.pseudonym)},
            )
        return None

    def _about_device(self, named: Device) -> Refusal | None:
        device = self.devices.get(named.id)
        if device is None:
            return HolderNotFound(_("There is no such device in your organisation."), pointer="/device")
        if device.retired_at is not None:
            return DeviceRetired(
                _("%(name)s is out of use and cannot hold a seat.") % {"name": device},
                pointer="/device",
                details={"device": str(device.id)},
            )
        return None


def read_holders(requests: Sequence[SeatRequest], *, lock: bool) -> Holders:
    """Reads people and devices again, people locked first and by ascending id (docs/architecture.md, order of locks):
    without that lock somebody who leaves at the same moment could still get a seat."""
    people = Person.objects.filter(id__in={one.person.id for one in requests if one.person}).order_by("id")
    devices = Device.objects.filter(id__in={one.device.id for one in requests if one.device}).order_by("id")
    if lock:
        people, devices = people.select_for_update(no_key=True), devices.select_for_update(no_key=True)
    return Holders(
        people={row.id: row for row in people},
        devices={row.id: row for row in devices},
    )
