"""Marked rows: one of each owned table at least, with a word in every text column that stands nowhere else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import uuid4

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import Error, models, transaction

from identity.models import Account, Organization
from kernel.owned import OwnedRow
from tests.factories.moments import NOW

MARK = "zq7canary"
"""What no answer to another organisation may contain. A search may ask for "zq7", which its rows would match."""
HINT = "zq7"
SHORTEST = len(MARK) + 4
UNPLANTED = {
    "identity.SamlConnection.public_id": "the addresses of the connection are found by it",
    "identity.SpKey.certificate": "read as a certificate",
    "identity.IdpCertificate.pem": "read as a certificate",
    "licensing.License.version_range": "read as a range of versions; operations store no other",
    "licensing.LicenseType.version_range": "read as a range of versions; operations store no other",
}
"""Text column → why it keeps what it holds."""
_next = count(1)

WITHOUT_ROW: dict[str, str] = {}
"""Owned model → why the house has no row of it. Empty: every table is in the matrix."""


def owned() -> list[type[Any]]:
    """Every model whose rows belong to an organisation."""
    return [model for model in apps.get_models() if issubclass(model, OwnedRow)]


def canary(mark: str = MARK) -> str:
    return f"{mark}{next(_next)}"


@dataclass
class Planted:
    """How many cells carry the word, and which columns cannot ("seats.SeatPool.territory": too short)."""

    cells: int = 0
    columns: set[str] = field(default_factory=set)
    without: set[str] = field(default_factory=set)


def make_missing(organization: Organization, account: Account) -> None:
    """A row of each owned model that has none yet. Fails with the names of those for which no row can be guessed."""
    missing = [model for model in owned() if not model.objects.exists()]
    while missing:
        left = [model for model in missing if not _made(model, organization, account)]
        if len(left) == len(missing):
            break
        missing = left
    unknown = {model._meta.label for model in missing} - set(WITHOUT_ROW)
    assert not unknown, f"tests/isolation/furniture.py: furnish a row of {', '.join(sorted(unknown))}"


def _made(model: type[Any], organization: Organization, account: Account) -> bool:
    for with_optional in (True, False):
        columns = dict(_columns(model, organization, account, with_optional))
        try:
            with transaction.atomic():
                model.objects.create(**columns)
        except (Error, ValidationError, TypeError, ValueError):
            continue
        return True
    return False


def _columns(
    model: type[Any], organization: Organization, account: Account, with_optional: bool
) -> Iterator[tuple[str, Any]]:
    for one in model._meta.local_fields:
        if one.name == "organization":
            yield "organization", organization
        elif one.name == "organization_id":
            yield "organization_id", organization.id
        elif isinstance(one, models.ForeignKey):
            if with_optional or not one.null:
                yield one.name, _target(one, account)
        elif not one.has_default() and (not one.null or with_optional):
            value = _value(one)
            if value is not None:
                yield one.name, value


def _target(key: Any, account: Account) -> Any:
    return account if key.related_model is Account else key.related_model.objects.first()


def _value(one: "models.Field[Any, Any]") -> Any:
    """Something that such a column could hold."""
    if one.choices:
        return one.flatchoices[0][0]
    if isinstance(one, models.CharField | models.TextField):
        return f"words{next(_next)}"[: one.max_length or 1000]
    samples: list[tuple[type[Any], Any]] = [
        (models.DateTimeField, NOW),
        (models.DateField, NOW.date()),
        (models.BooleanField, False),
        (models.IntegerField, 1),
        (models.DecimalField, 1),
        (models.BinaryField, uuid4().bytes * 2),
        (models.UUIDField, uuid4()),
        (models.JSONField, {}),
        (models.GenericIPAddressField, "127.0.0.1"),
    ]
    return next((value for kind, value in samples if isinstance(one, kind)), None)


def plant() -> Planted:
    """Puts the word into every text column of the open scope's rows that takes it; all at once where that works."""
    done = Planted()
    for model in owned():
        _plant_rows(model, model.objects.values_list("pk", flat=True), MARK, done)
    done.without -= done.columns
    return done


def plant_in(rows: dict[str, list[str]], mark: str) -> Planted:
    """The same for these rows alone, by label and id, with a word of their own."""
    done = Planted()
    for model in owned():
        _plant_rows(model, rows.get(model._meta.label_lower, ()), mark, done)
    return done


def _plant_rows(model: type[Any], keys: Iterable[Any], mark: str, done: Planted) -> None:
    columns = [one for one in model._meta.local_fields if _takes_words(one)]
    for key in list(keys):
        if _written(model, key, columns, mark):
            done.cells += len(columns)
            done.columns |= {f"{model._meta.label}.{one.name}" for one in columns}
            continue
        for one in columns:
            name = f"{model._meta.label}.{one.name}"
            taken = _written(model, key, [one], mark)
            done.cells += taken
            (done.columns if taken else done.without).add(name)


def _takes_words(one: "models.Field[Any, Any]") -> bool:
    return (
        isinstance(one, models.CharField | models.TextField)
        and not one.choices
        and f"{one.model._meta.label}.{one.name}" not in UNPLANTED
        and (one.max_length is None or one.max_length >= SHORTEST)
    )


def _written(model: type[Any], key: Any, columns: "list[models.Field[Any, Any]]", mark: str) -> bool:
    if not columns:
        return False
    try:
        with transaction.atomic():
            return bool(model.objects.filter(pk=key).update(**{one.attname: canary(mark) for one in columns}))
    except Error:
        return False
