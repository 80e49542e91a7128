"""What a licence type or a licence may state about features, limits, territories and versions."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from kernel.errors import FieldError, InvalidInput
from licensing.models import Product
from licensing.queries.bundles import components_of
from licensing.queries.features import definitions_of
from licensing.rules.facts import FeatureGrant
from licensing.rules.feature_values import GrantMistake, QuotaTerms, grant_mistakes
from licensing.rules.versions import BadRange, read_range

CODE = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
TERRITORY = re.compile(r"[A-Z]{2}")
DOMAIN = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]{0,62})(\.[a-z0-9_]([a-z0-9_-]{0,62}))*")
LONGEST_DEPARTMENT = 200
LARGEST_LIMIT = 2**53 - 1


class ConditionsInvalid(InvalidInput):
    """Features, limits, territories or the version range cannot be read."""

    code = "LICENSE_CONDITIONS_INVALID"


class FeatureGrantInvalid(InvalidInput):
    """A grant does not fit what the catalogue says about the feature; `details.mistakes` has a stable code for each."""

    code = "FEATURE_GRANT_INVALID"


@dataclass(frozen=True, kw_only=True)
class Conditions:
    """What narrows or widens a licence. `territories` None: everywhere; ISO 3166-1 alpha-2 codes otherwise. `domains`
    (host names) and `departments` likewise, in lower case.

    `limits` are whole numbers by code, `version_range` as licensing.rules.versions reads it, empty for all.
    """

    features: Sequence[FeatureGrant] = ()
    limits: Mapping[str, int] = field(default_factory=dict)
    territories: Sequence[str] | None = None
    domains: Sequence[str] | None = None
    departments: Sequence[str] | None = None
    version_range: str = ""


def check_conditions(*, conditions: Conditions, product: Product, beside: Sequence[FeatureGrant] = ()) -> None:
    """Raises ConditionsInvalid and FeatureGrantInvalid, each with every mistake of its kind. `beside` are grants that
    hold at the same time, such as those of the type."""
    mistakes = [*_feature_mistakes(conditions.features), *_limit_mistakes(conditions)]
    if any(not TERRITORY.fullmatch(code) for code in conditions.territories or ()):
        mistakes.append(FieldError("/territories", _("A territory is a code of two capital letters, such as NO.")))
    mistakes += _place_mistakes(conditions)
    try:
        read_range(conditions.version_range)
    except BadRange as error:
        mistakes.append(FieldError("/version_range", str(error)))
    if mistakes:
        raise ConditionsInvalid(mistakes[0].message, errors=tuple(mistakes))
    check_grants(grants=conditions.features, product=product, beside=beside)


def check_grants(*, grants: Sequence[FeatureGrant], product: Product, beside: Sequence[FeatureGrant] = ()) -> None:
    """Judges grants by the catalogue of the product and its components, in two queries. Raises ConditionsInvalid and
    FeatureGrantInvalid."""
    malformed = _feature_mistakes(grants)
    if malformed:
        raise ConditionsInvalid(malformed[0].message, errors=tuple(malformed))
    if not grants:
        return
    parts = sorted(part for part, _code in components_of([product.id])[product.id])
    catalogue = definitions_of(product_ids=[product.id, *parts], codes={grant.code for grant in grants})
    # What is there already was judged when it came; its periods bind what comes now.
    kept = [(grant.code, grant.value) for grant in beside if isinstance(grant.value, QuotaTerms)]
    stated = [*kept, *((grant.code, grant.value) for grant in grants)]
    found = [(place - len(kept), mistake) for place, mistake in grant_mistakes(stated, catalogue) if place >= len(kept)]
    if found:
        raise FeatureGrantInvalid(
            _said(found[0][1], grants[found[0][0]].code),
            errors=tuple(
                FieldError(f"/features/{place}", _said(mistake, grants[place].code)) for place, mistake in found
            ),
            details={"mistakes": [{"pointer": f"/features/{place}", "code": one.value} for place, one in found]},
        )


def _said(mistake: GrantMistake, code: str) -> str:
    said = {
        GrantMistake.FEATURE_NOT_IN_CATALOGUE: _("%(code)s is not in the catalogue, so it can only be switched on."),
        GrantMistake.FEATURE_VALUE_MISSING: _("%(code)s needs a value."),
        GrantMistake.FEATURE_VALUE_UNEXPECTED: _("%(code)s takes another kind of value."),
        GrantMistake.FEATURE_CHOICE_UNKNOWN: _("%(code)s has no such choice."),
        GrantMistake.FEATURE_QUOTA_INVALID: _("The quota of %(code)s has a number out of bounds."),
        GrantMistake.FEATURE_PERIOD_DIFFERS: _("%(code)s is counted in another period already."),
    }
    return said[mistake] % {"code": code}


def _feature_mistakes(grants: Sequence[FeatureGrant]) -> list[FieldError]:
    if all(CODE.fullmatch(grant.code) for grant in grants):
        return []
    return [FieldError("/features", _("A feature code has lower-case letters, digits, dots, hyphens: “render-3d”."))]


def _place_mistakes(conditions: Conditions) -> list[FieldError]:
    mistakes = []
    if any(not DOMAIN.fullmatch(name) for name in conditions.domains or ()):
        mistakes.append(FieldError("/domains", _("A domain is a host name in lower case: “example.org”.")))
    if any(not _is_department(name) for name in conditions.departments or ()):
        mistakes.append(FieldError("/departments", _("A department is a text in lower case, without space around it.")))
    return mistakes


def _is_department(name: str) -> bool:
    return 1 <= len(name) <= LONGEST_DEPARTMENT and name == name.strip().lower()


def stored_list(values: Sequence[str] | None) -> list[str] | None:
    """A limit of place as its column keeps it: sorted, each once; None where there is none."""
    return None if values is None else sorted(set(values))


def _limit_mistakes(conditions: Conditions) -> list[FieldError]:
    if all(CODE.fullmatch(code) and 0 <= value <= LARGEST_LIMIT for code, value in conditions.limits.items()):
        return []
    return [FieldError("/limits", _("A limit is a code in lower-case letters and a whole number from 0."))]
