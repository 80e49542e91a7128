"""Abstract bases of rows that belong to one organisation."""

from typing import Any, ClassVar, Self, TypeVar

import structlog
from django.db import models

from kernel.ids import new_id
from kernel.scope import CurrentOrganization

log = structlog.get_logger(__name__)

M = TypeVar("M", bound=models.Model)


class OwnedManager(models.Manager[M]):
    """Filters by the open scope and raises outside one, when SQL is compiled."""

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(organization_id=CurrentOrganization())

    def unscoped(self, *, reason: str) -> models.QuerySet[M]:
        """Rows of all organisations, where the database lets this role see them: the policies still hold on PostgreSQL.

        Only for the reads that tests/architecture lists by name.
        """
        log.debug("unscoped read", model=self.model._meta.label, reason=reason)
        return super().get_queryset()


class OwnedRow(models.Model):
    """A row of one organisation. Subclasses bring `organization` (a key) or `organization_id` (a plain id).

    `base_manager_name` makes save, refresh_from_db and forward keys fail closed as well.
    """

    objects: ClassVar[OwnedManager[Self]] = OwnedManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    organization_id: Any


class OwnedModel(OwnedRow):
    """An owned row with a UUIDv7 key: what nearly every table is."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)

    class Meta(OwnedRow.Meta):
        abstract = True


class PlainlyOwned(OwnedModel):
    """For jobs/ and audit/, which stand below identity/ and outlive it: an id without a foreign key."""

    organization_id = models.UUIDField(editable=False)

    class Meta(OwnedModel.Meta):
        abstract = True
