"""What a licence type or a licence may state about features, limits, territories and versions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kernel.errors import FieldError, InvalidInput
from licensing.rules.facts import FeatureGrant
from licensing.rules.versions import BadRange, read_range

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TERRITORY = re.compile(r"[A-Z]{2}")
LARGEST_LIMIT = 2**53 - 1


class ConditionsInvalid(InvalidInput):
    """Features, limits, territories or the version range cannot be read."""

    code = "LICENSE_CONDITIONS_INVALID"


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What narrows or widens a licence. `territories` None: everywhere; ISO 3166-1 alpha-2 codes otherwise.

    `limits` are whole numbers by code, `version_range` as licensing.rules.versions reads it, empty for all.
    """

    features: Sequence[FeatureGrant] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    territories: Sequence[str] | None = None
    version_range: str = ""


def check_conditions(*, conditions: Conditions) -> None:
    """Raises ConditionsInvalid with every mistake."""
    mistakes = [*_feature_mistakes(conditions), *_limit_mistakes(conditions)]
    if any(not TERRITORY.fullmatch(code) for code in conditions.territories or ()):
        mistakes.append(FieldError("/territories", _("A territory is a code of two capital letters, such as NO.")))
    try:
        read_range(conditions.version_range)
    except BadRange as error:
        mistakes.append(FieldError("/version_range", str(error)))
    if mistakes:
        raise ConditionsInvalid(mistakes[0].message, errors=tuple(mistakes))


def _feature_mistakes(conditions: Conditions) -> list[FieldError]:
    if all(CODE.fullmatch(grant.code) for grant in conditions.features):
        return []
    return [FieldError("/features", _("A feature code has lower-case letters, digits, dots, hyphens: “render-3d”."))]


def _limit_mistakes(conditions: Conditions) -> list[FieldError]:
    if all(CODE.fullmatch(code) and 0 <= value <= LARGEST_LIMIT for code, value in conditions.limits.items()):
        return []
    return [FieldError("/limits", _("A limit is a code in lower-case letters and a whole number from 0."))]
