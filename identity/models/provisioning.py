"""How directory services reach an organisation: their tokens, and the log of what they asked for."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.organizations import OrganizationOwned


class ScimToken(OrganizationOwned):
    """A bearer token of a directory service; only its digest is stored. Half-open: at `expires_at` it is over.

    `superseded_at` marks the token that a rotation replaced; it works on until the overlap ends at its `expires_at`.
    """

    name = models.TextField(_("name"))
    prefix = models.TextField(_("begins with"))
    digest = models.BinaryField(max_length=32, editable=False)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.TextField(_("created by"), editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    superseded_at = models.DateTimeField(_("replaced at"), null=True, blank=True)
    rotated_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="rotated_to", verbose_name=_("replaces")
    )
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    revoked_by = models.TextField(_("revoked by"), blank=True, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("provisioning token")
        verbose_name_plural = _("provisioning tokens")
        constraints = [
            models.UniqueConstraint(fields=["organization", "digest"], name="identity_scim_token_digest"),
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(revoked_at__isnull=True, superseded_at__isnull=True),
                name="identity_scim_token_one_current",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="identity_scim_token_has_name"),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="identity_scim_token_ends_after_start"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by="") | (Q(revoked_at__isnull=False) & ~Q(revoked_by="")),
                name="identity_scim_token_revoked_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ProvisioningOutcome(models.TextChoices):
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")


class ProvisioningEntry(OrganizationOwned):
    """One write that a directory service asked for: what it was about and how it ended, kept for 90 days.

    Names of attributes alone, never their values. Reads are not logged. A refusal that is not `in_ledger` waits to be
    counted there together with its equals.
    """

    at = models.DateTimeField(_("at"))
    token = models.ForeignKey(
        ScimToken, null=True, blank=True, on_delete=models.PROTECT, related_name="entries", verbose_name=_("token")
    )
    verb = models.TextField(_("request"))
    resource_type = models.TextField(_("kind of record"))
    resource_id = models.TextField(_("id"), blank=True)
    external_id = models.TextField(_("external ID"), blank=True)
    attributes = models.JSONField(_("attributes"), default=list)
    outcome = models.TextField(_("outcome"), choices=ProvisioningOutcome.choices)
    status = models.IntegerField(_("status"))
    scim_type = models.TextField(_("error type"), blank=True)
    detail = models.TextField(_("reason"), blank=True)
    request_id = models.TextField(_("request"), blank=True)
    in_ledger = models.BooleanField(_("in the ledger"), default=True, db_default=True, editable=False)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("provisioning entry")
        verbose_name_plural = _("provisioning log")
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=ProvisioningOutcome.values), name="identity_provisioning_entry_outcome"
            ),
            models.CheckConstraint(
                condition=Q(in_ledger=True) | Q(outcome="refused"), name="identity_provisioning_only_refusals_wait"
            ),
        ]
        indexes = [
            # The purge asks by age, the page by outcome and newest first.
            models.Index(fields=["organization", "at"], name="identity_provisioning_age"),
            models.Index(fields=["organization", "outcome", "id"], name="identity_provisioning_outcome"),
            # Each minute, and before each refusal: what waits, and what was told of late. Few rows of many.
            models.Index(
                fields=["organization", "at"], condition=Q(in_ledger=False), name="identity_provisioning_waiting"
            ),
            models.Index(
                fields=["organization", "status", "at"],
                condition=Q(outcome="refused"),
                name="identity_provisioning_refused",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.resource_type}"
