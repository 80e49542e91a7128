"""/Bulk: many writes in one request, each in a trail of its own and with a status of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final

from django.http import HttpRequest, HttpResponse
from scim2_models import (
    URN,
    BulkRequest,
    BulkResponse,
    InvalidPathException,
    InvalidSyntaxException,
    InvalidValueException,
)

from identity.rules.bulk import MARK, order, references, resolved
from identity.scim.authentication import Caller
from identity.scim.endpoints import ENDPOINTS, Answer
from identity.scim.errors import ANSWERED, BulkConflict, PayloadTooLarge, problem_of
from identity.scim.locations import root
from identity.scim.problems import json_response
from identity.scim.reading import read_body, versions_of
from identity.scim.resources import MOST_OPERATIONS
from identity.scim.views import ScimView
from identity.scim.writing import Change, carry_out

METHODS: Final = ("POST", "PUT", "PATCH", "DELETE")
JsonObject = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One operation as it was sent."""

    method: str
    path: str
    bulk_id: str
    version: str | None
    data: Any

    @property
    def creates(self) -> str:
        """The bulkId for which this operation makes an id."""
        return self.bulk_id if self.method == "POST" else ""

    @property
    def waits_for(self) -> set[str]:
        return references(self.data) | references(self.path.rpartition("/")[2])


@dataclass
class Job:
    """What is known while the operations of one request are carried out."""

    caller: Caller
    ids: dict[str, str] = field(default_factory=dict)
    created: frozenset[str] = frozenset()

    def result(self, operation: Operation, circular: bool) -> JsonObject:
        """Carries one operation out; a refusal is its result and stops nobody else."""
        about: JsonObject = (
            {"method": operation.method, "bulkId": operation.bulk_id}
            if operation.bulk_id
            else {"method": operation.method}
        )
        try:
            if circular:
                raise BulkConflict("the operation waits for one that waits for it")
            answer = carry_out(self._change(operation), self.caller)
        except ANSWERED as error:
            problem = problem_of(error)
            where = {} if operation.method == "POST" else {"location": f"{root()}{operation.path}"}
            return {**about, **where, "status": str(problem.status), "response": problem.body}
        if operation.creates:
            self.ids[operation.creates] = answer.location.rpartition("/")[2]
        return {**about, **_outcome(answer)}

    def _change(self, operation: Operation) -> Change:
        missing = operation.waits_for - self.ids.keys()
        if missing:
            failed = bool(missing & self.created)
            raise InvalidValueException(
                detail="the operation speaks of a bulkId whose operation failed"
                if failed
                else "the operation speaks of a bulkId that no operation creates"
            )
        name, _slash, given = operation.path.strip("/").partition("/")
        endpoint = ENDPOINTS.get(name)
        if endpoint is None or operation.method not in METHODS:
            raise InvalidPathException(detail="operations address /Users and /Groups by POST, PUT, PATCH and DELETE")
        if operation.method == "POST" and not operation.bulk_id:
            raise InvalidValueException(detail="a POST needs a bulkId")
        if operation.method != "DELETE" and not isinstance(operation.data, dict):
            raise InvalidValueException(detail="the operation needs data")
        return Change(
            verb=operation.method,
            endpoint=endpoint,
            resource_id=str(resolved(given, self.ids)),
            data=resolved(operation.data, self.ids) if isinstance(operation.data, dict) else {},
            versions=versions_of(operation.version),
        )


class BulkView(ScimView):
    """At most 100 operations; `failOnErrors` says after how many failures the rest is left alone."""

    http_method_names: ClassVar[Sequence[str]] = ("post",)

    def post(self, request: HttpRequest) -> HttpResponse:
        data = {name.lower(): value for name, value in read_body(request).items()}
        operations = _operations(data)
        most = data.get("failonerrors")
        if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
            raise InvalidValueException(detail="failOnErrors is a whole number of at least 1")
        results = carried_out(operations, most, self.caller)
        return json_response({"schemas": [str(BulkResponse.__schema__)], "Operations": results})


def carried_out(operations: Sequence[Operation], most_failures: int | None, caller: Caller) -> list[JsonObject]:
    """The results in the order in which the operations were sent; those never tried have none."""
    ordered, circle = order([(one.creates, one.waits_for) for one in operations])
    job = Job(caller, created=frozenset(one.creates for one in operations if one.creates))
    results: dict[int, JsonObject] = {}
    failures = 0
    for place in [*ordered, *circle]:
        if most_failures is not None and failures >= most_failures:
            break
        results[place] = job.result(operations[place], place in set(circle))
        failures += int(results[place]["status"]) >= 400
    return [results[place] for place in sorted(results)]


def _operations(data: Mapping[str, Any]) -> list[Operation]:
    if not any(URN(BulkRequest.__schema__) == str(one) for one in data.get("schemas") or ()):
        raise InvalidSyntaxException(detail="the body is not a BulkRequest")
    given = data.get("operations")
    if not isinstance(given, list) or not given:
        raise InvalidValueException(detail="a BulkRequest has Operations")
    if len(given) > MOST_OPERATIONS:
        raise PayloadTooLarge(f"a BulkRequest has at most {MOST_OPERATIONS} operations")
    operations = [_operation(one) for one in given]
    named = [one.creates for one in operations if one.creates]
    if len(named) != len(set(named)):
        raise InvalidValueException(detail="a bulkId is given to one operation alone")
    return operations


def _operation(given: Any) -> Operation:
    if not isinstance(given, dict):
        raise InvalidSyntaxException(detail="an operation is an object")
    read = {name.lower(): value for name, value in given.items()}
    for name in ("method", "path", "bulkid", "version"):
        if not isinstance(read.get(name, ""), str | None):
            raise InvalidValueException(detail=f"{name} is a text")
    return Operation(
        method=(read.get("method") or "").upper(),
        path=read.get("path") or "",
        bulk_id=read.get("bulkid") or "",
        version=read.get("version"),
        data=read.get("data"),
    )


def _outcome(answer: Answer) -> JsonObject:
    found: JsonObject = {"location": answer.location, "status": str(answer.status)}
    return {**found, "version": answer.version} if answer.version else found


__all__ = ["MARK", "BulkView", "carried_out"]
