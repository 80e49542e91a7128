"""Floating seats: sessions that hold one for as long as they are heard of, and the queue in front of a full pool."""

from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import DirectoryGroup, OrganizationOwned, Person
from kernel.owned import OwnedManager
from licensing.models import Certificate, License
from licensing.models.conditions import exactly_one
from seats.models.pools import SeatPool
from seats.rules.leases import HELD, LIVE, USUAL, Holding, LeaseState, LeaseTerms

LEASE_STATE_CHOICES = (
    (LeaseState.WAITING.value, _("Waiting")),
    (LeaseState.OFFERED.value, _("Offered")),
    (LeaseState.ACTIVE.value, _("Active")),
    (LeaseState.RELEASED.value, _("Given back")),
    (LeaseState.EXPIRED.value, _("Expired")),
    (LeaseState.REVOKED.value, _("Ended by somebody")),
    (LeaseState.RECLAIMED.value, _("Ended with the holder's departure")),
)
HOLDING_CHOICES = ((Holding.HOLDER.value, _("Each session")), (Holding.USER.value, _("Each user")))
LIVE_STATES = sorted(state.value for state in LIVE)
HELD_STATES = sorted(state.value for state in HELD)
LONGEST_LEASE, LONGEST_OFFER, MOST_BORROWED_DAYS = 86_400, 3_600, 7


class LeaseQuerySet(models.QuerySet["Lease"]):
    def live(self) -> "LeaseQuerySet":
        """Those that hold a seat and those that wait for one."""
        return self.filter(state__in=LIVE_STATES)

    def held(self) -> "LeaseQuerySet":
        """Those that count as used: active and offered."""
        return self.filter(state__in=HELD_STATES)

    def waiting(self) -> "LeaseQuerySet":
        """The queue, in its order."""
        return self.filter(state=LeaseState.WAITING).order_by("priority", "ticket")


LeaseManager = OwnedManager.from_queryset(LeaseQuerySet)


class Lease(OrganizationOwned):
    """A session of a licence's software holds `quantity` seats of a pool, or waits for them. Never deleted.

    `holder_key` is the keyed digest of whoever holds (the user, or user, machine and session), `user`, `department` and
    `label` are the client's own words for people to read; `person` is set where the user is one of the directory.
    Waiting since `asked_at` with a `ticket`, in the order of `priority` (1 goes first) and ticket; offered at
    `offered_at`; a seat since `acquired_at`. Every live row ends at `expires_at` unless its client is heard of before:
    an offer that nobody takes, a place in the queue that nobody asks after, a crashed session. While `borrowed_until`
    is set a certificate without a connection holds the seat. `ended_by` is a pseudonym, `end_reason` a word of people.
    """

    pool = models.ForeignKey(SeatPool, on_delete=models.PROTECT, related_name="leases", verbose_name=_("pool"))
    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="leases", verbose_name=_("licence"))
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.PROTECT, related_name="leases", verbose_name=_("person")
    )
    holder_key = models.TextField(_("holder"), editable=False)
    user = models.TextField(_("user"), blank=True)
    user_lower = models.TextField(blank=True, editable=False)
    department = models.TextField(_("department"), blank=True)
    label = models.TextField(_("label"), blank=True)
    quantity = models.IntegerField(_("quantity"), default=1)
    state = models.TextField(_("state"), choices=LEASE_STATE_CHOICES)
    priority = models.IntegerField(_("priority"), default=5)
    ticket = models.BigIntegerField(_("ticket"), null=True, blank=True)
    over_limit = models.BooleanField(_("over the limit"), default=False)
    asked_at = models.DateTimeField(_("asked at"))
    offered_at = models.DateTimeField(_("offered at"), null=True, blank=True)
    acquired_at = models.DateTimeField(_("held since"), null=True, blank=True)
    seen_at = models.DateTimeField(_("last heard of"))
    expires_at = models.DateTimeField(_("expires at"))
    borrowed_until = models.DateTimeField(_("borrowed until"), null=True, blank=True)
    certificate = models.ForeignKey(
        Certificate, null=True, blank=True, on_delete=models.PROTECT, related_name="leases",
        verbose_name=_("certificate"),
    )  # fmt: skip
    released_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    ended_by = models.TextField(_("ended by"), blank=True)
    end_reason = models.TextField(_("reason for the end"), blank=True)

    objects: ClassVar[LeaseManager[Self]] = LeaseManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("lease")
        verbose_name_plural = _("leases")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "pool", "holder_key"],
                condition=Q(state__in=LIVE_STATES),
                name="seats_lease_holder_once",
            ),
            models.UniqueConstraint(fields=["organization", "pool", "ticket"], name="seats_lease_ticket_once"),
            models.CheckConstraint(
                condition=Q(quantity__gte=1, priority__gte=1, priority__lte=9) & ~Q(holder_key=""),
                name="seats_lease_of_something",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", ticket__isnull=False, acquired_at__isnull=True, offered_at__isnull=True)
                | Q(state="offered", ticket__isnull=False, acquired_at__isnull=True, offered_at__isnull=False)
                | Q(state="active", acquired_at__isnull=False)
                | Q(state__in=["released", "expired", "revoked", "reclaimed"]),
                name="seats_lease_times_of_state",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LIVE_STATES, released_at__isnull=True, ended_by="", end_reason="")
                | (~Q(state__in=LIVE_STATES) & Q(released_at__isnull=False) & ~Q(ended_by="")),
                name="seats_lease_ended_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="revoked") | ~Q(end_reason=""), name="seats_lease_revoked_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(borrowed_until__isnull=True, certificate__isnull=True)
                | Q(borrowed_until__isnull=False, certificate__isnull=False, acquired_at__isnull=False),
                name="seats_lease_borrowed_by_certificate",
            ),
        ]
        indexes = [
            # Who holds or waits, what has expired, and the sum for the recount.
            models.Index(
                fields=["organization", "pool", "expires_at"],
                condition=Q(state__in=LIVE_STATES),
                name="seats_lease_live",
            ),
            # What a person holds, for off-boarding.
            models.Index(
                fields=["organization", "person"], condition=Q(state__in=LIVE_STATES), name="seats_lease_of_person"
            ),
            # Sessions of a period, for analytics.
            models.Index(fields=["organization", "pool", "acquired_at"], name="seats_lease_history"),
            # What has expired anywhere, for hygiene.
            models.Index(
                fields=["organization", "expires_at"], condition=Q(state__in=LIVE_STATES), name="seats_lease_due"
            ),
        ]

    def __str__(self) -> str:
        return self.user or self.label or str(self.id)

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_held(self) -> bool:
        """Counts as used."""
        return self.state in HELD


class LeasePolicy(OrganizationOwned):
    """How floating seats of one pool are handed out; a pool without a row follows the usual terms.

    `lease_seconds` is how long a session may be silent, and `grace_beats` how many heartbeats (a third of that) more.
    `borrow_days` 0: nothing is borrowed. `low_water_percent` of the pool's limit is never lent.
    """

    pool = models.OneToOneField(SeatPool, on_delete=models.PROTECT, related_name="lease_policy", verbose_name=_("pool"))
    lease_seconds = models.IntegerField(_("length of a lease in seconds"), default=USUAL.lease_seconds)
    grace_beats = models.IntegerField(_("missed heartbeats of grace"), default=USUAL.grace_beats)
    offer_seconds = models.IntegerField(_("length of an offer in seconds"), default=USUAL.offer_seconds)
    queues = models.BooleanField(_("who finds no seat waits in a queue"), default=USUAL.queues)
    holding = models.TextField(_("a seat is taken by"), choices=HOLDING_CHOICES, default=USUAL.holding.value)
    borrow_days = models.IntegerField(_("longest borrowing in days"), default=USUAL.borrow_days)
    low_water_percent = models.IntegerField(_("share that is never lent, in per cent"), default=USUAL.low_water_percent)
    updated_at = models.DateTimeField(_("updated at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("terms of leases")
        verbose_name_plural = _("terms of leases")
        db_table = "seats_lease_policy"
        constraints = [
            models.CheckConstraint(
                condition=Q(lease_seconds__gte=3, lease_seconds__lte=LONGEST_LEASE, grace_beats__gte=0)
                & Q(grace_beats__lte=10, offer_seconds__gte=1, offer_seconds__lte=LONGEST_OFFER),
                name="seats_lease_policy_times",
            ),
            models.CheckConstraint(
                condition=Q(borrow_days__gte=0, borrow_days__lte=MOST_BORROWED_DAYS)
                & Q(low_water_percent__gte=0, low_water_percent__lte=100),
                name="seats_lease_policy_borrowing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pool_id)

    @property
    def terms(self) -> LeaseTerms:
        return LeaseTerms(
            lease_seconds=self.lease_seconds,
            grace_beats=self.grace_beats,
            offer_seconds=self.offer_seconds,
            queues=self.queues,
            holding=Holding(self.holding),
            borrow_days=self.borrow_days,
            low_water_percent=self.low_water_percent,
        )


class LeasePriority(OrganizationOwned):
    """Whoever belongs to this department or directory group waits with this priority (1 goes first); who belongs to
    several has the best of them, everybody else the usual one, 5."""

    pool = models.ForeignKey(
        SeatPool, on_delete=models.PROTECT, related_name="lease_priorities", verbose_name=_("pool")
    )
    department = models.TextField(_("department"), blank=True)
    group = models.ForeignKey(
        DirectoryGroup, null=True, blank=True, on_delete=models.CASCADE, related_name="lease_priorities",
        verbose_name=_("group"),
    )  # fmt: skip
    priority = models.IntegerField(_("priority"), validators=[MinValueValidator(1), MaxValueValidator(9)])

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("priority in the queue")
        verbose_name_plural = _("priorities in the queue")
        db_table = "seats_lease_priority"
        constraints = [
            models.CheckConstraint(
                condition=exactly_one([Q(group__isnull=False), ~Q(department="")]),
                name="seats_lease_priority_of_somebody",
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=9), name="seats_lease_priority_one_to_nine"
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "department"],
                condition=~Q(department=""),
                name="seats_lease_priority_department_once",
            ),
            models.UniqueConstraint(
                fields=["organization", "pool", "group"],
                condition=Q(group__isnull=False),
                name="seats_lease_priority_group_once",
            ),
        ]

    def __str__(self) -> str:
        return self.department or str(self.group_id)


class LeaseDenial(OrganizationOwned):
    """Somebody asked for a seat at `at` and got neither one nor a place in the queue. Telemetry: append-only, on
    PostgreSQL in monthly partitions by `at`; plain ids, so that no key is looked up."""

    pool_id = models.UUIDField(_("pool"))
    license_id = models.UUIDField(_("licence"))
    user = models.TextField(_("user"), blank=True)
    department = models.TextField(_("department"), blank=True)
    quantity = models.IntegerField(_("quantity"))
    used = models.IntegerField(_("in use"))
    at = models.DateTimeField(_("at"))

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("denied check-out")
        verbose_name_plural = _("denied check-outs")
        db_table = "seats_lease_denial"
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gte=1), name="seats_lease_denial_of_something"),
        ]
        indexes = [
            models.Index(fields=["organization", "pool_id", "at"], name="seats_lease_denial_at"),
        ]

    def __str__(self) -> str:
        return self.user
