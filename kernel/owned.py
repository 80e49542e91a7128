"""Abstract bases of rows that belong to one organisation, and what their constraints say before they are saved."""

from collections.abc import Collection
from typing import Any, ClassVar, Self, TypeVar

import structlog
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

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


ORGANIZATION = frozenset({"organization", "organization_id"})
TWINS = ("_lower", "_normalised")


def shown_field(name: str) -> str:
    """The field that people fill in for a stored one: "name" for its twin "name_lower"."""
    for suffix in TWINS:
        name = name.removesuffix(suffix)
    return name


def constraint_errors(row: models.Model, *, exclude: Collection[str] = ()) -> dict[str, list[str]]:
    """Field → what is wrong; constraints that concern no single field stand under "__all__". Needs an open scope.

    Django alone would skip these: an organisation is no field of a form, and neither is the stored twin of a name.

    `exclude` names the fields that are known to be wrong already; constraints on them are left out.
    """
    errors: dict[str, list[str]] = {}
    left_out = {field.name for field in row._meta.fields if shown_field(field.name) in exclude}
    for model, constraints in row.get_constraints():
        for constraint in constraints:
            names = _names(constraint)
            try:
                constraint.validate(model, row, exclude=left_out)
            except ValidationError as error:
                message = _taken(row, names) if names else " ".join(error.messages)
                errors.setdefault(shown_field(names[-1]) if names else "__all__", []).append(message)
    return errors


def _names(constraint: models.BaseConstraint) -> list[str]:
    """The fields that must be unique together, without the organisation; empty for other constraints."""
    fields = constraint.fields if isinstance(constraint, models.UniqueConstraint) else ()
    return [name for name in fields if name not in ORGANIZATION]


def _taken(row: models.Model, names: list[str]) -> str:
    """The last field of a constraint is the one that tells rows apart; those before it say among which."""
    labels = [str(row._meta.get_field(shown_field(name)).verbose_name) for name in names]  # type: ignore[union-attr]  # unique fields are concrete
    said = {"model": row._meta.verbose_name, "field": labels[-1], "others": get_text_list(labels[:-1], _("and"))}
    if len(labels) == 1:
        return _("Another %(model)s already has this %(field)s.") % said
    return _("Another %(model)s with the same %(others)s already has this %(field)s.") % said
