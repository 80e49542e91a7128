"""Rights: what may be used, how much of it, from when until when, and what proves it."""

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models import OrganizationOwned
from licensing.models.agreements import Agreement
from licensing.models.catalogue import Edition, Metric, Product
from licensing.models.conditions import stamped, together
from licensing.models.imports import ImportRow
from licensing.models.parties import Party
from licensing.models.partners import LicenseeManager
from licensing.models.purchases import PurchaseLine


class EntitlementModel(models.TextChoices):
    """How the right is sold; the six models of docs/licensing.md."""

    PERPETUAL = "perpetual", _("Perpetual")
    SUBSCRIPTION = "subscription", _("Subscription")
    TRIAL = "trial", _("Trial")
    FLOATING = "floating", _("Floating")
    NODE_LOCKED = "node_locked", _("Node-locked")
    SITE = "site", _("Site")


class EntitlementState(models.TextChoices):
    """What somebody decided. That an entitlement has ended is nobody's decision: the clock says so."""

    DRAFT = "draft", _("Draft")
    ACTIVE = "active", _("Active")
    REVOKED = "revoked", _("Revoked")


class EntitlementQuerySet(models.QuerySet["Entitlement"]):
    def valid_at(self, at: datetime) -> "EntitlementQuerySet":
        """Active and inside its term at the instant `at`: what counts as a right."""
        return self.filter(
            Q(ends_at__isnull=True) | Q(ends_at__gt=at), state=EntitlementState.ACTIVE, starts_at__lte=at
        )

    def ended_by(self, at: datetime) -> "EntitlementQuerySet":
        """Active once, but its term is over at the instant `at`."""
        return self.filter(state=EntitlementState.ACTIVE, ends_at__lte=at)


EntitlementManager = LicenseeManager.from_queryset(EntitlementQuerySet)


class Entitlement(OrganizationOwned):
    """A right to use `quantity` × `rights_per_unit` units of a metric, from `starts_at` up to, not at, `ends_at`.

    A buyer records what it received (`licensor`), a vendor what it granted (`licensee`). Quantity, term and metric are
    never edited once active: a renewal is a new row that names its `previous`, a sublicence one that names its
    `parent`. `issued` and `sublicensed` count what was handed on, and are kept by the operations that hand on.
    Evidence is a document, a purchase line or an import row; or a waiver with a reason.
    """

    number = models.TextField(_("number"))
    licensor = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="granted_entitlements",
        verbose_name=_("licensor"),
    )
    licensee = models.ForeignKey(
        Party,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="received_entitlements",
        verbose_name=_("licensee"),
    )
    agreement = models.ForeignKey(
        Agreement,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="entitlements",
        verbose_name=_("agreement"),
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="entitlements", verbose_name=_("product")
    )
    edition = models.ForeignKey(
        Edition, null=True, blank=True, on_delete=models.PROTECT, related_name="entitlements", verbose_name=_("edition")
    )
    metric = models.ForeignKey(Metric, on_delete=models.PROTECT, related_name="entitlements", verbose_name=_("metric"))
    model = models.TextField(_("model"), choices=EntitlementModel.choices)
    unlimited = models.BooleanField(_("unlimited"), default=False)
    quantity = models.IntegerField(_("quantity"), null=True, blank=True)
    rights_per_unit = models.IntegerField(_("rights per unit"), default=1)
    overdraft = models.IntegerField(_("overdraft"), default=0)
    issued = models.IntegerField(_("issued"), default=0, editable=False)
    sublicensed = models.IntegerField(_("sublicensed"), default=0, editable=False)
    starts_at = models.DateTimeField(_("starts at"))
    ends_at = models.DateTimeField(_("ends at"), null=True, blank=True)
    maintenance_until = models.DateTimeField(_("maintenance until"), null=True, blank=True)
    territory = models.CharField(_("territory"), max_length=2, blank=True)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="sublicences", verbose_name=_("parent")
    )
    previous = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="renewals", verbose_name=_("previous")
    )
    state = models.TextField(_("state"), choices=EntitlementState.choices, default=EntitlementState.DRAFT)
    document = models.TextField(_("document"), blank=True)
    document_sha256 = models.CharField(_("SHA-256 of the document"), max_length=64, blank=True)
    purchase_line = models.ForeignKey(
        PurchaseLine,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="entitlements",
        verbose_name=_("purchase line"),
    )
    import_row = models.ForeignKey(
        ImportRow,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="entitlements",
        verbose_name=_("import row"),
    )
    evidence_waived_at = models.DateTimeField(_("evidence waived at"), null=True, blank=True)
    evidence_waived_by = models.TextField(_("evidence waived by"), blank=True)
    evidence_waiver = models.TextField(_("reason for the waiver"), blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.TextField(_("revoked by"), blank=True)
    revoked_reason = models.TextField(_("reason for revocation"), blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects: ClassVar[EntitlementManager[Self]] = EntitlementManager()

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("entitlement")
        verbose_name_plural = _("entitlements")
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="licensing_entitlement_number"),
            # A renewal chain is a line: nothing is renewed twice.
            models.UniqueConstraint(fields=["organization", "previous"], name="licensing_entitlement_renewed_once"),
            models.CheckConstraint(
                condition=Q(unlimited=True, quantity__isnull=True)
                | Q(unlimited=False, quantity__isnull=False, quantity__gte=1),
                name="licensing_entitlement_quantity_unless_unlimited",
            ),
            models.CheckConstraint(
                condition=Q(rights_per_unit__gte=1, overdraft__gte=0), name="licensing_entitlement_counts_upwards"
            ),
            models.CheckConstraint(
                condition=Q(issued__gte=0)
                & (Q(unlimited=True) | Q(issued__lte=F("quantity") * F("rights_per_unit") + F("overdraft"))),
                name="licensing_entitlement_issued_within_rights",
            ),
            models.CheckConstraint(
                condition=Q(sublicensed__gte=0)
                & (Q(unlimited=True) | Q(sublicensed__lte=F("quantity") * F("rights_per_unit"))),
                name="licensing_entitlement_sublicensed_within_rights",
            ),
            # A right that was given on as a sublicence is not issued as a licence too.
            models.CheckConstraint(
                condition=Q(unlimited=True)
                | Q(sublicensed=0)
                | Q(issued__lte=F("quantity") * F("rights_per_unit") + F("overdraft") - F("sublicensed")),
                name="licensing_entitlement_handed_on_within_rights",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="licensing_entitlement_in_order"
            ),
            models.CheckConstraint(
                condition=Q(model="perpetual", ends_at__isnull=True) | ~Q(model="perpetual"),
                name="licensing_entitlement_perpetual_has_no_end",
            ),
            models.CheckConstraint(
                condition=~Q(parent=F("id")) & ~Q(previous=F("id")), name="licensing_entitlement_not_own_ancestor"
            ),
            models.CheckConstraint(
                condition=~Q(state="active")
                | ~Q(document="")
                | Q(purchase_line__isnull=False)
                | Q(import_row__isnull=False)
                | Q(evidence_waived_at__isnull=False),
                name="licensing_entitlement_active_has_evidence",
            ),
            models.CheckConstraint(
                condition=together(at="evidence_waived_at", texts=["evidence_waived_by", "evidence_waiver"]),
                name="licensing_entitlement_waived_by_somebody",
            ),
            models.CheckConstraint(
                condition=stamped(Q(state="revoked"), at="revoked_at")
                & together(at="revoked_at", texts=["revoked_by", "revoked_reason"]),
                name="licensing_entitlement_revoked_by_somebody",
            ),
        ]
        indexes = [
            # Rights of one product line at a moment: what admission and positions ask for.
            models.Index(fields=["organization", "product", "state", "ends_at"], name="licensing_ent_rights"),
            # "Expiring soon", over all products.
            models.Index(fields=["organization", "ends_at"], name="licensing_ent_ends"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def rights(self) -> int | None:
        """How many units may be used; None when unlimited."""
        return None if self.quantity is None else self.quantity * self.rights_per_unit

    @property
    def has_evidence(self) -> bool:
        """Whether a document, a purchase line or an import row stands behind it; a waiver is none."""
        return bool(self.document) or self.purchase_line_id is not None or self.import_row_id is not None

    def is_valid_at(self, at: datetime) -> bool:
        """The same as the filter `valid_at`, for a row in hand."""
        in_term = self.starts_at <= at and (self.ends_at is None or at < self.ends_at)
        return self.state == EntitlementState.ACTIVE and in_term
