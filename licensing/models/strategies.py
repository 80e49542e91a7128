"""What a licence type demands of machines: columns of LicenseType, apart because they are many and belong together."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licensing.rules.allowances import Overage, OverageKind
from licensing.rules.machines import (
    FingerprintMatching,
    HeartbeatRule,
    MachineTerms,
    Resurrection,
    UniquenessScope,
)

SHORTEST_HEARTBEAT = 60
LONGEST_HEARTBEAT = 31 * 24 * 3600
USUAL_HEARTBEAT = 600

MATCHING_CHOICES = [
    (FingerprintMatching.ANY.value, _("At least one component")),
    (FingerprintMatching.TWO.value, _("At least two components")),
    (FingerprintMatching.MOST.value, _("At least half of the components")),
    (FingerprintMatching.ALL.value, _("Every component")),
]
UNIQUENESS_CHOICES = [
    (UniquenessScope.LICENSE.value, _("Licence")),
    (UniquenessScope.TYPE.value, _("Licence type")),
    (UniquenessScope.PRODUCT.value, _("Product")),
    (UniquenessScope.ORGANIZATION.value, _("All licences")),
]
HEARTBEAT_CHOICES = [
    (HeartbeatRule.OFF.value, _("Not required")),
    (HeartbeatRule.FROM_CREATION.value, _("Required from the activation on")),
    (HeartbeatRule.FROM_FIRST_PING.value, _("Required from the first heartbeat on")),
]
RESURRECTION_CHOICES = [
    (Resurrection.NEVER.value, _("Never")),
    (Resurrection.MINUTE.value, _("For 1 minute")),
    (Resurrection.TWO_MINUTES.value, _("For 2 minutes")),
    (Resurrection.FIVE_MINUTES.value, _("For 5 minutes")),
    (Resurrection.TEN_MINUTES.value, _("For 10 minutes")),
    (Resurrection.FIFTEEN_MINUTES.value, _("For 15 minutes")),
    (Resurrection.ALWAYS.value, _("Always")),
]
VIRTUAL_MACHINE_CHOICES = [("allowed", _("Allowed")), ("denied", _("Denied"))]
OVERAGE_CHOICES = [
    (OverageKind.NONE.value, _("None")),
    (OverageKind.ABSOLUTE.value, _("A number on top")),
    (OverageKind.PERCENT.value, _("A percentage on top")),
]


class MachineStrategies(models.Model):
    """How activations of licences of a type are matched, counted and kept alive.

    `heartbeat_seconds` is the longest silence, `resurrection` for how long after it a ping brings an activation back.
    `connectivity_grace_hours` is how long a client may run without us (null: not said); `connectivity_fail_open` says
    what it does afterwards: run on, or stop. `transfers_per_year` counts within the calendar year in UTC (null: any
    number). `overage_by` is a number or a percentage, allowed on top of limits until `overage_until` (excluded;
    null: without end).
    """

    fingerprint_matching = models.TextField(
        _("components that must match"), choices=MATCHING_CHOICES, default=FingerprintMatching.ANY.value
    )
    uniqueness_scope = models.TextField(
        _("a machine counts once in"), choices=UNIQUENESS_CHOICES, default=UniquenessScope.LICENSE.value
    )
    heartbeat = models.TextField(_("heartbeat"), choices=HEARTBEAT_CHOICES, default=HeartbeatRule.OFF.value)
    heartbeat_seconds = models.IntegerField(_("longest silence in seconds"), default=USUAL_HEARTBEAT)
    resurrection = models.TextField(
        _("a silent machine comes back"), choices=RESURRECTION_CHOICES, default=Resurrection.NEVER.value
    )
    virtual_machines = models.TextField(_("virtual machines"), choices=VIRTUAL_MACHINE_CHOICES, default="allowed")
    connectivity_grace_hours = models.IntegerField(_("hours without connection"), null=True, blank=True)
    connectivity_fail_open = models.BooleanField(_("runs on without connection afterwards"), default=False)
    transfers_per_year = models.IntegerField(_("transfers a year"), null=True, blank=True)
    overage = models.TextField(_("overage"), choices=OVERAGE_CHOICES, default=OverageKind.NONE.value)
    overage_by = models.IntegerField(_("amount of the overage"), default=0)
    overage_until = models.DateTimeField(_("overage until"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def overage_terms(self) -> Overage:
        """The overage as licensing.rules counts it."""
        return Overage(kind=OverageKind(self.overage), amount=self.overage_by, until=self.overage_until)

    @property
    def connectivity_grace(self) -> timedelta | None:
        """How long a client may stay away; None where nothing is said."""
        hours = self.connectivity_grace_hours
        return None if hours is None else timedelta(hours=hours)

    def machine_terms(self, *, bound: bool) -> MachineTerms:
        """The terms as licensing.rules judges by them."""
        return MachineTerms(
            bound=bound,
            matching=FingerprintMatching(self.fingerprint_matching),
            heartbeat=HeartbeatRule(self.heartbeat),
            heartbeat_every=timedelta(seconds=self.heartbeat_seconds),
            resurrection=Resurrection(self.resurrection),
            virtual_machines_allowed=self.virtual_machines == "allowed",
        )


def _known(column: str, choices: list[tuple[str, object]]) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{column}__in": [value for value, _label in choices]}),
        name=f"licensing_license_type_{column}_known",
    )


MACHINE_CONSTRAINTS: list[models.BaseConstraint] = [
    _known("fingerprint_matching", [*MATCHING_CHOICES]),
    _known("uniqueness_scope", [*UNIQUENESS_CHOICES]),
    _known("heartbeat", [*HEARTBEAT_CHOICES]),
    _known("resurrection", [*RESURRECTION_CHOICES]),
    _known("virtual_machines", [*VIRTUAL_MACHINE_CHOICES]),
    _known("overage", [*OVERAGE_CHOICES]),
    models.CheckConstraint(
        condition=Q(heartbeat_seconds__gte=SHORTEST_HEARTBEAT, heartbeat_seconds__lte=LONGEST_HEARTBEAT),
        name="licensing_license_type_heartbeat_in_range",
    ),
    models.CheckConstraint(
        condition=Q(overage="none", overage_by=0, overage_until__isnull=True)
        | (~Q(overage="none") & Q(overage_by__gte=1)),
        name="licensing_license_type_overage_has_amount",
    ),
    models.CheckConstraint(
        condition=Q(connectivity_grace_hours__isnull=True, connectivity_fail_open=False)
        | Q(connectivity_grace_hours__isnull=False, connectivity_grace_hours__gte=1),
        name="licensing_license_type_connectivity_grace",
    ),
    models.CheckConstraint(
        condition=Q(transfers_per_year__isnull=True) | Q(transfers_per_year__gte=0),
        name="licensing_license_type_transfers_from_zero",
    ),
]
"""Constraints of LicenseType about these columns."""
