"""The base of the GraphQL interface, as kernel.rest is of REST: types of rows, pages, limits, the schema and its view.

Apps declare types in `<app>/graphql/`; config.schema puts them together. Nothing else imports this package: the library
takes a second to load, which worker and commands need not spend.
"""

from kernel.graphql.http import endpoint
from kernel.graphql.loading import connection, existing, loaded, narrowed, single
from kernel.graphql.request import GraphInfo, GraphRequest
from kernel.graphql.schema import TenantSchema
from kernel.graphql.types import (
    After,
    Connection,
    First,
    Node,
    TypeRefused,
    WholeNumber,
    column,
    computed,
    root,
    row_key,
    tenant_type,
    to_many,
    to_one,
)

__all__ = [
    "After",
    "Connection",
    "First",
    "GraphInfo",
    "GraphRequest",
    "Node",
    "TenantSchema",
    "TypeRefused",
    "WholeNumber",
    "column",
    "computed",
    "connection",
    "endpoint",
    "existing",
    "loaded",
    "narrowed",
    "root",
    "row_key",
    "single",
    "tenant_type",
    "to_many",
    "to_one",
]
