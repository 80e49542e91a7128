"""Changes that somebody asks for and somebody else approves."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models import License
from licensing.models.conditions import together
from seats.models import SeatPool


class ChangeKind(models.TextChoices):
    REVOKE_LICENSE = "license.revoke", _("Revoke a licence")
    TRANSFER_LICENSE = "license.transfer", _("Hand a licence on")
    RECALL_CERTIFICATE = "certificate.recall", _("Recall an offline certificate")
    ASSIGN_SEAT = "seat.assign", _("A seat of a pool")


class ChangeState(models.TextChoices):
    OPEN = "open", _("Open")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


class ChangeRequest(OrganizationOwned):
    """One change of a licence, or a seat of a pool, that waits for a second person, or what became of it.

    `subject` is the key of the part of the licence that would change, such as a certificate; empty for the licence as
    a whole. Each part waits for one change of a kind at a time.
    `payload` is what would be done and `payload_hash` its hex SHA-256, as kernel.principal.payload_digest writes it:
    what is carried out is what was approved. `requester` is null when a program or task asked, `requested_by` is the
    pseudonym in any case. Approving carries the change out in the same transaction. Undecided until `due_at`, the
    request expires; nothing is ever approved by the clock.
    """

    number = models.TextField(_("number"))
    kind = models.TextField(_("kind"), choices=ChangeKind.choices)
    license = models.ForeignKey(
        License,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="change_requests",
        verbose_name=_("licence"),
    )
    pool = models.ForeignKey(
        SeatPool,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="change_requests",
        verbose_name=_("pool"),
    )
    subject = models.TextField(_("part of the licence"), blank=True, default="", db_default="")
    payload = models.JSONField(_("what is to be done"), default=dict)
    payload_hash = models.TextField(_("hash"))
    reason = models.TextField(_("reason"))
    state = models.TextField(_("state"), choices=ChangeState.choices, default=ChangeState.OPEN)
    requested_at = models.DateTimeField(_("requested at"))
    requested_by = models.TextField(_("requested by"))
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("requester"),
    )
    due_at = models.DateTimeField(_("due at"))
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.TextField(_("decided by"), blank=True)
    decider = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("decider"),
    )
    decision_reason = models.TextField(_("reason for the decision"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("change request")
        verbose_name_plural = _("change requests")
        db_table = "compliance_change_request"
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="compliance_change_request_number"),
            models.UniqueConstraint(
                fields=["organization", "kind", "license", "subject"],
                condition=Q(state="open"),
                name="compliance_change_request_one_open",
            ),
            models.UniqueConstraint(
                fields=["organization", "kind", "pool", "requested_by"],
                condition=Q(state="open", pool__isnull=False),
                name="compliance_change_request_one_open_seat",
            ),
            models.CheckConstraint(
                condition=Q(kind="seat.assign", pool__isnull=False, license__isnull=True)
                | (~Q(kind="seat.assign") & Q(pool__isnull=True, license__isnull=False)),
                name="compliance_change_request_about_one_thing",
            ),
            models.CheckConstraint(
                condition=~Q(reason="") & ~Q(payload_hash="") & ~Q(requested_by=""),
                name="compliance_change_request_asked_by_somebody",
            ),
            models.CheckConstraint(
                condition=(Q(state="open", decided_at__isnull=True) | (~Q(state="open") & Q(decided_at__isnull=False)))
                & together(at="decided_at", texts=["decided_by"]),
                name="compliance_change_request_decided_by_somebody",
            ),
            # The second pair of eyes: whoever asked decides nothing but to withdraw.
            models.CheckConstraint(
                condition=~Q(state__in=["approved", "rejected"])
                | (~Q(decided_by=F("requested_by")) & Q(decider__isnull=False)),
                name="compliance_change_request_two_people",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gt=F("requested_at")), name="compliance_change_request_in_order"
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state", "requested_at"], name="compliance_change_state"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def about(self) -> str:
        """The licence by its number, or the pool by its name."""
        return self.license.number if self.license is not None else str(self.pool)
