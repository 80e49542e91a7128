"""The catalogue's features: added, renamed and given more choices; never taken away or turned into something else."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kernel.errors import Conflict, InvalidInput
from kernel.trail import Trail
from licensing.models import Feature, Product
from licensing.operations.conditions import CODE
from licensing.rules.feature_values import CHOICE, FeatureKind

MOST_CHOICES = 50


class FeatureExists(Conflict):
    """The product has a feature with this code already."""

    code = "FEATURE_EXISTS"


class FeatureInvalid(InvalidInput):
    """Code, name or choices of the feature contradict each other, or a choice would go away."""

    code = "FEATURE_INVALID"


@dataclass(frozen=True, kw_only=True)
class NewFeature:
    """A feature to describe; `choices` in rising order, of the kind choice alone."""

    product: Product
    code: str
    name: str
    kind: str = FeatureKind.BOOLEAN.value
    description: str = ""
    choices: Sequence[str] = ()


def create_feature(*, feature: NewFeature, trail: Trail) -> Feature:
    """Describes a feature of a product. Raises FeatureInvalid and FeatureExists."""
    if not CODE.fullmatch(feature.code):
        raise FeatureInvalid(
            _("A feature code has lower-case letters, digits, dots, hyphens: “render-3d”."), pointer="/code"
        )
    _check(feature.name, feature.kind, feature.choices)
    row = Feature(
        organization_id=trail.organization_id,
        product=feature.product,
        code=feature.code,
        name=feature.name.strip(),
        description=feature.description,
        kind=feature.kind,
        choices=list(feature.choices),
        created_at=trail.clock.now(),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise FeatureExists(
            _("This product has a feature with the code %(code)s already.") % {"code": row.code}, pointer="/code"
        ) from error
    trail.record(
        "feature.created",
        subject=row,
        details={"code": row.code, "product": str(row.product_id), "kind": row.kind, "choices": row.choices},
    )
    return row


def update_feature(
    *,
    feature_id: UUID,
    trail: Trail,
    name: str | None = None,
    description: str | None = None,
    choices: Sequence[str] | None = None,
) -> Feature:
    """Other words for a feature, or more choices of it; None leaves something as it is. Raises FeatureInvalid, also
    when a choice would go away that licences may carry."""
    row = Feature.objects.select_for_update(no_key=True, of=("self",)).get(id=feature_id)
    wanted: dict[str, Any] = {
        "name": row.name if name is None else name.strip(),
        "description": row.description if description is None else description,
        "choices": row.choices if choices is None else list(choices),
    }
    _check(wanted["name"], row.kind, wanted["choices"])
    gone = set(row.choices) - set(wanted["choices"])
    if gone:
        raise FeatureInvalid(
            _("Licences may carry this choice, so it stays: %(choice)s.") % {"choice": min(gone)}, pointer="/choices"
        )
    changed = sorted(column for column, value in wanted.items() if getattr(row, column) != value)
    if changed:
        for column in changed:
            setattr(row, column, wanted[column])
        row.save(update_fields=changed)
        trail.record("feature.updated", subject=row, details={"code": row.code, "fields": changed})
    return row


def _check(name: str, kind: str, choices: Sequence[str]) -> None:
    if not name.strip():
        raise FeatureInvalid(_("A feature needs a name."), pointer="/name")
    if (kind == FeatureKind.CHOICE) != bool(choices):
        raise FeatureInvalid(
            _("Choices belong to features of the kind “choice”, and those need some."), pointer="/choices"
        )
    if len(choices) > MOST_CHOICES or len(set(choices)) != len(choices):
        raise FeatureInvalid(_("At most %(most)d choices, each once.") % {"most": MOST_CHOICES}, pointer="/choices")
    if not all(CHOICE.fullmatch(choice) for choice in choices):
        raise FeatureInvalid(
            _("A choice begins with a lower-case letter; digits, dots and hyphens may follow: “gold”."),
            pointer="/choices",
        )
