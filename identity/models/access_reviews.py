"""Reviews of access: a campaign, and one question for each membership in it."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.accounts import Membership
from identity.models.organizations import OrganizationOwned


class ReviewerRule(models.TextChoices):
    ROLE = "role", _("Holders of a role")
    MANAGER = "manager", _("The manager of each person")
    NAMED = "named", _("Named colleagues")


class ReviewDecision(models.TextChoices):
    KEEP = "keep", _("Keep")
    CHANGE = "change", _("Take roles away")
    REVOKE = "revoke", _("End the membership")


class AccessReview(OrganizationOwned):
    """A campaign: since `started_at` somebody is asked about each membership in its scope, by `due_at`.

    `roles` is the scope, all memberships when empty. Closed by hand; what is unanswered then stays unanswered.
    `started_by` and `closed_by` are pseudonyms.
    """

    name = models.TextField(_("name"))
    roles = models.JSONField(_("roles in scope"), default=list)
    reviewer_rule = models.TextField(_("reviewers"), choices=ReviewerRule.choices)
    due_at = models.DateTimeField(_("due at"))
    started_at = models.DateTimeField(_("started at"))
    started_by = models.TextField(_("started by"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.TextField(_("closed by"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("access review")
        verbose_name_plural = _("access reviews")
        db_table = "identity_access_review"
        constraints = [
            models.CheckConstraint(condition=Q(due_at__gt=F("started_at")), name="identity_access_review_in_order"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by="") | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
                name="identity_access_review_closed_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccessReviewItem(OrganizationOwned):
    """One question: does this membership still need the roles that it had when it was asked about (`roles`)?

    Nobody is asked about the own access. A decision stands: it has a moment, whoever took it (a pseudonym) and a
    reason, and `kept_roles` are what the membership was left with.
    """

    review = models.ForeignKey(
        AccessReview, on_delete=models.PROTECT, related_name="items", verbose_name=_("access review")
    )
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="reviews", verbose_name=_("membership")
    )
    reviewer = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="reviews_to_decide", verbose_name=_("reviewer")
    )
    roles = models.JSONField(_("roles"), default=list)
    decision = models.TextField(_("decision"), choices=ReviewDecision.choices, blank=True)
    kept_roles = models.JSONField(_("roles kept"), default=list, blank=True)
    reason = models.TextField(_("reason"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.TextField(_("decided by"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("question of an access review")
        verbose_name_plural = _("questions of access reviews")
        db_table = "identity_access_review_item"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "review", "membership"], name="identity_access_review_item_once"
            ),
            models.CheckConstraint(
                condition=~Q(reviewer=F("membership")), name="identity_access_review_item_not_oneself"
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decision="", decided_by="", reason="")
                | (Q(decided_at__isnull=False) & ~Q(decision="") & ~Q(decided_by="") & ~Q(reason="")),
                name="identity_access_review_item_decided_with_reason",
            ),
        ]
        indexes = [
            # What somebody still has to decide, for the own page and the reminders.
            models.Index(
                fields=["organization", "reviewer"],
                condition=Q(decided_at__isnull=True),
                name="identity_access_review_open",
            )
        ]

    def __str__(self) -> str:
        return str(self.membership_id)
