"""Rows of one business partner: whoever reads for a customer meets those of the customer's own partners alone."""

from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import models

from kernel.owned import OwnedManager
from kernel.scope import current_parties

M = TypeVar("M", bound=models.Model)


class WithinParties(models.Expression):
    """True for rows whose `column` names a partner of the open scope, read when SQL is compiled; adds nothing to
    statements of whoever is not limited."""

    conditional = True

    def __init__(self, column: str) -> None:
        super().__init__(output_field=models.BooleanField())
        self.column: Any = models.F(column)

    def get_source_expressions(self) -> list[Any]:
        return [self.column]

    def set_source_expressions(self, exprs: Any) -> None:
        [self.column] = exprs

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]  # the stubs name an internal compiler class
        parties = current_parties()
        if parties is None:
            raise FullResultSet
        if not parties:
            raise EmptyResultSet
        named, params = compiler.compile(self.column)
        values = [self.column.output_field.get_db_prep_value(one, connection) for one in sorted(parties)]
        return f"{named} IN ({', '.join(['%s'] * len(values))})", [*params, *values]


class LicenseeManager(OwnedManager[M]):
    """Rows whose licensee is a partner of the open scope. The policy `party` on the table says the same."""

    party_column = "licensee_id"

    def get_queryset(self) -> models.QuerySet[M]:
        return super().get_queryset().filter(WithinParties(self.party_column))


class PartyManager(LicenseeManager[M]):
    """The partners of the open scope themselves."""

    party_column = "id"


class AccessManager(LicenseeManager[M]):
    """Rows that name a partner of the open scope as `party`."""

    party_column = "party_id"
