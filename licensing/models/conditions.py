"""Conditions that many constraints share, spelled once so that they read the same everywhere."""

from collections.abc import Sequence
from itertools import product

from django.db import models
from django.db.models import Q


def together(*, at: str, texts: Sequence[str]) -> Q:
    """A moment and the texts that explain it (who, why) are all there, or none is."""
    none, every = Q(**{f"{at}__isnull": True}), Q(**{f"{at}__isnull": False})
    for text in texts:
        none &= Q(**{text: ""})
        every &= ~Q(**{text: ""})
    return none | every


def stamped(condition: Q, *, at: str) -> Q:
    """The moment `at` is there exactly when the condition holds."""
    return (condition & Q(**{f"{at}__isnull": False})) | (~condition & Q(**{f"{at}__isnull": True}))


def exactly_one(present: Sequence[Q]) -> Q:
    """Precisely one of the conditions holds."""
    result = Q()
    for chosen in range(len(present)):
        alternative = Q()
        for index, condition in enumerate(present):
            alternative &= condition if index == chosen else ~condition
        result |= alternative
    return result


def not_before(*, end: str, start: str) -> Q:
    """A range that ends at or after its start; an open end always does."""
    return Q(**{f"{end}__isnull": True}) | Q(**{f"{end}__gte": models.F(start)})


def unique_with_optional(
    *, fields: Sequence[str], optional: Sequence[str], name: str, condition: Q | None = None
) -> list[models.UniqueConstraint]:
    """Unique over `fields` and the nullable `optional` ones, where two absent values count as the same.

    SQL lets NULLs differ, and SQLite has no NULLS NOT DISTINCT: hence one partial constraint for each combination of
    present and absent. The constraint in which all are present is called `name`, the others name what is absent.
    """
    constraints = []
    for presence in product((True, False), repeat=len(optional)):
        present = [field for field, here in zip(optional, presence, strict=True) if here]
        absent = [field for field, here in zip(optional, presence, strict=True) if not here]
        where = condition or Q()
        for field in optional:
            where &= Q(**{f"{field}__isnull": field in absent})
        suffix = "".join(f"_no_{field}" for field in absent)
        constraints.append(models.UniqueConstraint(fields=[*fields, *present], condition=where, name=name + suffix))
    return constraints
