"""Breaking constraints on purpose: every promise that the database keeps is tried once, by its name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from identity.models import Organization

Attempt = Callable[[Organization], object]


def constraints_of(app: str) -> dict[str, models.BaseConstraint]:
    """Name → constraint, of all models of one app."""
    return {
        constraint.name: constraint
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
    }


@contextmanager
def refused_by(constraint: models.BaseConstraint) -> Iterator[None]:
    """The block fails with this very constraint. SQLite names the columns of a unique one instead of its name."""
    with pytest.raises(IntegrityError) as caught, transaction.atomic():
        yield
    words = str(caught.value)
    if isinstance(constraint, models.UniqueConstraint) and connection.vendor == "sqlite":
        assert "UNIQUE constraint failed" in words
    else:
        assert f'"{constraint.name}"' in words or words.endswith(f": {constraint.name}")
