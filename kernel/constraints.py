"""What a row's database constraints say about it before it is saved, in words and beside the field that they are about.

Django alone would skip these: an organisation is no field of a form, and neither is the stored twin of a name.
"""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

ORGANIZATION = frozenset({"organization", "organization_id"})
TWINS = ("_lower", "_normalised")


def shown_field(name: str) -> str:
    """The field that people fill in for a stored one: "name" for its twin "name_lower"."""
    for suffix in TWINS:
        name = name.removesuffix(suffix)
    return name


def constraint_errors(row: models.Model, *, exclude: Collection[str] = ()) -> dict[str, list[str]]:
    """Field → what is wrong; constraints that concern no single field stand under "__all__". Needs an open scope.

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
