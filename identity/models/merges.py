"""Two records of one human become one, and what it took."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from identity.models.directory import Person
from identity.models.organizations import OrganizationOwned


class PersonMerge(OrganizationOwned):
    """`merged` turned out to be `kept`. `moved` holds, per table, the ids of the rows that were moved, so that the
    step can be undone as far as nothing has happened to them since. `merged_by` and `undone_by` are pseudonyms."""

    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges", verbose_name=_("kept"))
    merged = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("merged"))
    moved = models.JSONField(_("moved"), default=dict)
    reason = models.TextField(_("reason"))
    merged_at = models.DateTimeField(_("merged at"))
    merged_by = models.TextField(_("merged by"))
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undone_by = models.TextField(_("undone by"), blank=True)

    class Meta(OrganizationOwned.Meta):
        verbose_name = _("merge of people")
        verbose_name_plural = _("merges of people")
        db_table = "identity_person_merge"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "merged"],
                condition=Q(undone_at__isnull=True),
                name="identity_person_merge_once",
            ),
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="identity_person_merge_of_two"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by="") | (Q(undone_at__isnull=False) & ~Q(undone_by="")),
                name="identity_person_merge_undone_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return str(self.merged_id)
