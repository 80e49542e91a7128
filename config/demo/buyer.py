"""Halden Energy: fourteen publishers, people who come and go, seats, and two planted breaches."""

from collections.abc import Callable, Iterator, Sequence
from csv import DictReader
from dataclasses import dataclass, field
from functools import partial
from itertools import islice, product
from random import Random
from typing import Any
from zlib import crc32

from django.conf import settings

from compliance.operations import scan
from config.demo import catalogue
from config.demo.catalogue import Line
from config.demo.reclamation import Reclamation
from config.demo.story import Story
from identity.models import Device, OrgUnit, Person
from identity.operations import (
    NewPerson,
    add_to_group,
    create_device,
    create_group,
    create_org_unit,
    create_person,
    deactivate_person,
)
from kernel.trail import Trail
from licensing.models import Entitlement, PartyKind
from licensing.operations import (
    Named,
    NewAgreement,
    NewEntitlement,
    NewLine,
    NewPurchase,
    create_agreement,
    create_entitlement,
    ensure_party,
    ensure_product,
    record_purchase,
    standard_metrics,
)
from seats.models import SeatPool
from seats.operations import SeatRequest, assign_many, create_group_rule

BATCH = 200
REASON = "Standard equipment of the role"


Step = Callable[[Trail], None]


@dataclass
class Buyer:
    """Builds the buyer's year; `size` is how many people stand in the directory. Steps are noted with the day on which
    they happen and then carried out in the order of the days, each in a trail of its own."""

    story: Story
    size: int
    random: Random
    steps: list[tuple[float, Step]] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    devices: list[Device] = field(default_factory=list)
    pools: dict[str, SeatPool] = field(default_factory=dict)

    def build(self, progress: Callable[[int, int], None]) -> None:
        """Plans, then does; `progress(done, all)` after each step."""
        self._plan()
        self.steps.sort(key=lambda step: -step[0])
        for number, (days_ago, step) in enumerate(self.steps, start=1):
            with self.story.on(days_ago) as trail:
                step(trail)
            progress(number, len(self.steps))
        self.story.checkpoint()

    def _plan(self) -> None:
        self._on(366, self._add_units)
        for batch in _batches(self._names(), BATCH):
            self._on(365, partial(self._add_people, batch))
        self._on(364, self._add_groups)
        self._on(363, self._add_devices)
        for line in catalogue.LINES:
            self._on(line.started, partial(self._buy, line))
            self._on(line.started - 4, partial(self._equip, line, 0.0, 0.75))
            self._on(max(line.started - 120, 3), partial(self._equip, line, 0.75, 1.0))
        self._on(350, self._buy_expired)
        self._on(345, self._use_expired)
        self._on(300, self._buy_over_allocated)
        self._on(31, self._use_over_allocated)
        for number in range(self.size // 60):
            self._on(28 - number * 20 / (self.size // 60), partial(self._leave, number))
        self._on(0.5, self._bring_by_group)
        Reclamation(lambda: self.pools["Corvid Files"], lambda: self.pools["Brightfold Boards"]).plan(self._on)
        self._on(180, self._scan)
        self._on(catalogue.EXPIRED_SINCE_DAYS - 1, self._scan)

    def _on(self, days_ago: float, step: Step) -> None:
        self.steps.append((days_ago, step))

    def _scan(self, trail: Trail) -> None:
        scan(trail=trail)

    def _add_units(self, trail: Trail) -> None:
        for code, name in catalogue.COST_CENTRES.items():
            create_org_unit(code=code, name=name, trail=trail)

    def _add_people(self, batch: Sequence[NewPerson], trail: Trail) -> None:
        self.people += [create_person(person=person, trail=trail) for person in batch]

    def _add_groups(self, trail: Trail) -> None:
        for department in catalogue.DEPARTMENTS:
            group = create_group(display_name=department, trail=trail)
            members = [person for person in self.people if person.department == department]
            add_to_group(group=group, people=members, trail=trail)

    def _add_devices(self, trail: Trail) -> None:
        for n in range(1, 9):
            self.devices.append(
                create_device(
                    hostname=f"halden-srv-{n:02d}",
                    cores=(8, 16, 24)[n % 3],
                    platform="Linux",
                    source="inventory",
                    trail=trail,
                )
            )
        for row in _sample("devices.csv"):
            create_device(hostname=row["Host name"], serial=row["Serial number"], source="inventory", trail=trail)
        for n, person in enumerate(self.people[:350], start=1):
            self.devices.append(
                create_device(
                    hostname=f"halden-nb-{n:04d}",
                    serial=f"SN{n:06d}",
                    platform="Windows",
                    person=person,
                    source="inventory",
                    trail=trail,
                )
            )

    def _names(self) -> Iterator[NewPerson]:
        """The people of samples/people.csv first, so that the sample sheets name people who are there."""
        known = [_sampled(row) for row in _sample("people.csv")]
        yield from known[: self.size]
        taken = {person.user_name for person in known}
        pairs = list(product(catalogue.GIVEN_NAMES, catalogue.FAMILY_NAMES))
        self.random.shuffle(pairs)
        number = len(known)
        for given, family in pairs:
            user_name = _plain(f"{given}.{family}@halden.example")
            if number >= self.size:
                return
            if user_name in taken:
                continue
            number += 1
            yield NewPerson(
                user_name=user_name,
                given_name=given,
                family_name=family,
                email=user_name,
                department=catalogue.DEPARTMENTS[number % len(catalogue.DEPARTMENTS)],
                employee_number=f"H{20_000 + number}",
                territory=("NO", "SE", "DK")[number % 3],
            )

    def _buy(self, line: Line, trail: Trail) -> None:
        right = self._right(line, self._scaled(line.rights), trail)
        self.pools[line.product] = SeatPool.objects.get(sources__entitlement=right)

    def _right(self, line: Line, rights: int, trail: Trail) -> Entitlement:
        bought, edition = ensure_product(named=Named(line.publisher, line.product, line.edition), trail=trail)
        licensor = ensure_party(kind=PartyKind.LICENSOR, name=line.publisher, trail=trail)
        start = self.story.days(-line.started)
        end = None if line.ends_in is None else self.story.days(line.ends_in)
        agreement = create_agreement(
            agreement=NewAgreement(
                number=f"AG-{_reference(line)}",
                title=f"{line.publisher}: {line.product}",
                starts_at=start,
                ends_at=end,
                currency=line.currency,
                notice_days=line.notice,
                auto_renew=line.auto_renew,
                licensor=licensor,
                document=f"contracts/{line.publisher.lower()}.pdf",
            ),
            trail=trail,
        )
        purchase = record_purchase(
            purchase=NewPurchase(
                currency=line.currency,
                order_number=f"PO-{_reference(line)}",
                ordered_on=trail.clock.now().date(),
                supplier=licensor,
                agreement=agreement,
                lines=[
                    NewLine(
                        quantity=rights,
                        unit_price=line.price,
                        billing_period=line.billing,
                        sku=f"{line.publisher[:3].upper()}-{line.metric[:4].upper()}",
                        description=line.product,
                        product=bought,
                        edition=edition,
                        cost_centre=OrgUnit.objects.get(code=line.cost_centre),
                    )
                ],
            ),
            trail=trail,
        )
        return create_entitlement(
            entitlement=NewEntitlement(
                product=bought,
                edition=edition,
                metric=standard_metrics(trail=trail)[line.metric],
                model=line.model,
                quantity=rights,
                starts_at=start,
                ends_at=end,
                maintenance_until=self.story.days(200) if line.model == "perpetual" else None,
                agreement=agreement,
                licensor=licensor,
                purchase_line=purchase.lines.get(),
            ),
            trail=trail,
        )

    def _equip(self, line: Line, start: float, end: float, trail: Trail) -> None:
        """Hands out the part of the line's seats between two shares, so that the year has a trend."""
        pool = self.pools[line.product]
        wanted = round((pool.capacity or 0) * line.share)
        part = slice(round(wanted * start), round(wanted * end))
        assign_many(pool=pool, requests=self._requests(line, wanted)[part], partial=True, trail=trail)

    def _requests(self, line: Line, wanted: int) -> list[SeatRequest]:
        if line.metric == "core":
            hosts = [device for device in self.devices if device.cores]
            return [SeatRequest(device=host, quantity=host.cores or 1, reason="Database host") for host in hosts[:4]]
        if line.metric == "device":
            notebooks = [device for device in self.devices if not device.cores]
            return [SeatRequest(device=device, reason="Backup of notebooks") for device in notebooks[:wanted]]
        # The same people for both halves of a line: the draw depends on its name alone.
        chosen = Random(line.product).sample(self.people, min(wanted, len(self.people)))  # noqa: S311  # no secret
        return [SeatRequest(person=person, reason=REASON) for person in chosen]

    def _buy_over_allocated(self, trail: Trail) -> None:
        """100 rights without an end and 20 that ended yesterday: when 110 people get a seat, all 120 still hold."""
        publisher, name = catalogue.OVER_ALLOCATED_PUBLISHER, catalogue.OVER_ALLOCATED
        forever = _plain_line(publisher, name, started=300, ends_in=None, price="640.00", billing="once")
        ended = _plain_line(publisher, name, started=299, ends_in=-1, price="210.00", billing="yearly")
        right = self._right(forever, catalogue.OVER_ALLOCATED_PERPETUAL, trail)
        self._right(ended, catalogue.OVER_ALLOCATED_ENDED, trail)
        self.pools[name] = SeatPool.objects.get(sources__entitlement=right)

    def _use_over_allocated(self, trail: Trail) -> None:
        chosen = self.people[: catalogue.OVER_ALLOCATED_SEATS]
        requests = [SeatRequest(person=person, reason="Map team") for person in chosen]
        assign_many(pool=self.pools[catalogue.OVER_ALLOCATED], requests=requests, trail=trail)

    def _bring_by_group(self, trail: Trail) -> None:
        """A group that brings seats of a full pool: two of its members hold one already, four wait."""
        group = create_group(display_name=catalogue.WAITING_GROUP, trail=trail)
        add_to_group(group=group, people=[*self.people[:2], *self.people[-6:-2]], trail=trail)
        create_group_rule(
            group=group, pool=self.pools[catalogue.OVER_ALLOCATED], priority=10, grace_days=14, trail=trail
        )

    def _buy_expired(self, trail: Trail) -> None:
        """All rights lapsed some days ago, and people go on: the scan of that night saw it."""
        line = _plain_line(
            catalogue.EXPIRED_PUBLISHER,
            catalogue.EXPIRED,
            started=350,
            ends_in=-catalogue.EXPIRED_SINCE_DAYS,
            price="36.00",
            billing="yearly",
        )
        right = self._right(line, catalogue.EXPIRED_RIGHTS, trail)
        self.pools[catalogue.EXPIRED] = SeatPool.objects.get(sources__entitlement=right)

    def _use_expired(self, trail: Trail) -> None:
        chosen = self.people[-catalogue.EXPIRED_SEATS :]
        requests = [SeatRequest(person=person, reason="Remote work") for person in chosen]
        assign_many(pool=self.pools[catalogue.EXPIRED], requests=requests, trail=trail)

    def _leave(self, number: int, trail: Trail) -> None:
        """Somebody leaves, which gives the seats back; nobody of the planted breaches does."""
        person = self.people[catalogue.OVER_ALLOCATED_SEATS + number]
        deactivate_person(person=person, trail=trail)

    def _scaled(self, rights: int) -> int:
        return max(10, rights * self.size // catalogue.FULL_SIZE)


def _plain_line(publisher: str, name: str, *, started: int, ends_in: int | None, price: str, billing: str) -> Line:
    """A line for named users, bought once by the workplace team; how many rights the caller says."""
    return Line(
        publisher=publisher,
        product=name,
        edition="",
        metric="named_user",
        model="perpetual" if ends_in is None else "subscription",
        rights=0,
        share=0.0,
        unit_price=price,
        currency="EUR",
        billing=billing,
        started=started,
        ends_in=ends_in,
        notice=30,
        auto_renew=False,
        cost_centre="4100",
    )


def _reference(line: Line) -> str:
    """A number that looks like a contract's, the same every time."""
    return f"{line.publisher[:3].upper()}-{crc32(f'{line.product}{line.started}'.encode()) % 1_000_000:06d}"


def _sample(name: str) -> list[dict[str, str]]:
    with (settings.BASE_DIR / "samples" / name).open(encoding="utf-8", newline="") as file:
        return list(DictReader(file))


def _sampled(row: dict[str, str]) -> NewPerson:
    given, _space, family = row["Name"].rpartition(" ")
    return NewPerson(
        user_name=row["User name"],
        given_name=given,
        family_name=family,
        email=row["E-mail"],
        department=row["Unit"].capitalize() if row["Unit"].isascii() and not row["Unit"].isupper() else row["Unit"],
        employee_number=row["Employee number"],
        territory="NO",
    )


def _plain(text: str) -> str:
    return text.lower().translate(str.maketrans("åäøöæ", "aaooe"))


def _batches(items: Any, size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch
