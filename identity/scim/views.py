"""The views behind /scim/v2/: django_scim's view as the base, our own authentication and bodies in every method."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse
from django_scim import constants
from django_scim.exceptions import NotFoundError
from django_scim.views import SCIMView
from scim2_models import ListResponse, ResponseParameters, SearchRequest

from identity.queries.provisioning import person_of_account
from identity.scim import resources
from identity.scim.authentication import Caller, authenticated
from identity.scim.endpoints import ENDPOINTS, Answer, Endpoint, JsonObject, Selection
from identity.scim.errors import ANSWERED, Forbidden, MethodUnknown, error_response
from identity.scim.problems import json_response
from identity.scim.reading import query_of, read_body, search_of, versions_of
from identity.scim.writing import Change, carry_out, known_id
from kernel.scope import scope_of

READ = "identity.person.view"


class ScimView(SCIMView):  # type: ignore[misc]  # the library has no types
    """Authenticates, lets the method answer, and turns every refusal into a SCIM error."""

    permission: ClassVar[str] = READ
    caller: Caller

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.caller = authenticated(request)
            handler = getattr(self, (request.method or "").lower(), None)
            if handler is None or request.method == "OPTIONS":
                raise MethodUnknown("this address does not know the method")
            with resources.PROVIDER:
                response: HttpResponse = handler(request, *args, **kwargs)
        except ANSWERED as error:
            response = error_response(error)
        response["Cache-Control"] = "no-store"
        return response

    # Bearer tokens are not sent by browsers of their own accord.
    dispatch.csrf_exempt = True  # type: ignore[attr-defined]  # how as_view learns of it

    def reading(self) -> Any:
        """The scope for a read; access tokens need the permission beside the scope."""
        if not self.caller.principal.may(READ):
            raise Forbidden("the roles behind this token do not allow reading the directory")
        return scope_of(self.caller.principal)


class ResourceView(ScimView):
    """/Users, /Groups and single resources of both."""

    endpoint_name: ClassVar[str] = ""
    http_method_names: ClassVar[Sequence[str]] = ("get", "post", "put", "patch", "delete")

    @property
    def endpoint(self) -> Endpoint:
        return ENDPOINTS[self.endpoint_name]

    def get(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        if uuid is None:
            return json_response(self.listed(search_of(query_of(request), self.endpoint.model)))
        resource_id = known_id(uuid)
        selection = selection_of(request, self.endpoint)
        with self.reading():
            answer = self.endpoint.one(resource_id, selection)
        if _seen(request, answer.version):
            return _with_headers(HttpResponse(status=304, content_type=constants.SCIM_CONTENT_TYPE), answer)
        return responded(answer)

    def post(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        return self._write(request, uuid)

    def put(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        return self._write(request, uuid)

    def patch(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        return self._write(request, uuid)

    def delete(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        return self._write(request, uuid)

    def listed(self, search: SearchRequest[Any]) -> JsonObject:
        with self.reading():
            return listed([self.endpoint], search)

    def _write(self, request: HttpRequest, uuid: str | None) -> HttpResponse:
        change = Change(
            verb=request.method or "",
            endpoint=self.endpoint,
            resource_id=uuid or "",
            data={} if request.method == "DELETE" else read_body(request),
            versions=versions_of(request.META.get("HTTP_IF_MATCH")),
            selection=selection_of(request, self.endpoint),
        )
        return responded(carry_out(change, self.caller))


class UsersView(ResourceView):
    endpoint_name = "Users"


class GroupsView(ResourceView):
    endpoint_name = "Groups"


class MeView(UsersView):
    """The person behind an access token. A provisioning token stands for a directory service, which is nobody."""

    http_method_names = ("get", "put", "patch", "delete")

    def get(self, request: HttpRequest, uuid: str | None = None) -> HttpResponse:
        return super().get(request, self._own_id())

    def _write(self, request: HttpRequest, uuid: str | None) -> HttpResponse:
        return super()._write(request, self._own_id())

    def _own_id(self) -> str:
        account = self.caller.principal.account_id
        found = None
        if account is not None:
            with scope_of(self.caller.principal):
                found = person_of_account(account)
        if found is None:
            raise NotFoundError("Me")
        return str(found)


class SearchView(ScimView):
    """/.search below the root and below each endpoint: a query as the body of a POST."""

    http_method_names: ClassVar[Sequence[str]] = ("post",)
    endpoint_names: ClassVar[tuple[str, ...]] = ("Users", "Groups")

    def post(self, request: HttpRequest) -> HttpResponse:
        return self._answer(read_body(request))

    def _answer(self, data: JsonObject) -> HttpResponse:
        endpoints = [ENDPOINTS[name] for name in self.endpoint_names]
        models = endpoints[0].model
        for one in endpoints[1:]:
            models |= one.model
        search = search_of(data, models)
        with self.reading():
            return json_response(listed(endpoints, search))


class UserSearchView(SearchView):
    endpoint_names = ("Users",)


class GroupSearchView(SearchView):
    endpoint_names = ("Groups",)


class RootView(SearchView):
    """A query over all types of resources, by GET."""

    http_method_names = ("get",)

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._answer(query_of(request))


class NowhereView(ScimView):
    """Every other address: a SCIM error in place of a page."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.get = self.post = self.put = self.patch = self.delete = self._nothing
        return super().dispatch(request, *args, **kwargs)

    dispatch.csrf_exempt = True  # type: ignore[attr-defined]  # see ScimView

    def _nothing(self, request: HttpRequest, path: str) -> HttpResponse:
        raise NotFoundError(path[:64])


def listed(endpoints: Sequence[Endpoint], search: SearchRequest[Any]) -> JsonObject:
    """One page over the endpoints in their order, each in the order asked for: the same request, the same page."""
    start, room, total = search.start_index_0 or 0, search.count or 0, 0
    shown: list[JsonObject] = []
    for endpoint in endpoints:
        rows = endpoint.found(search)
        size = rows.order_by().count()
        first = max(start - total, 0)
        if room and first < size:
            page = list(rows[first : first + room])
            shown += endpoint.shown(page, search)
            room -= len(page)
        total += size
    return {
        "schemas": [str(ListResponse.__schema__)],
        "totalResults": total,
        "startIndex": start + 1,
        "itemsPerPage": len(shown),
        "Resources": shown,
    }


def selection_of(request: HttpRequest, endpoint: Endpoint) -> Selection:
    """Which attributes shall be in the answer. Raises ValidationError."""
    asked = {name: value for name, value in query_of(request).items() if name in {"attributes", "excludedAttributes"}}
    if not any(asked.values()):
        return None
    found: ResponseParameters[Any] = ResponseParameters[endpoint.model].model_validate(asked)  # type: ignore[name-defined]  # a class, chosen when it runs
    return found


def responded(answer: Answer) -> HttpResponse:
    if answer.body is None:
        return _with_headers(HttpResponse(status=answer.status, content_type=constants.SCIM_CONTENT_TYPE), answer)
    return _with_headers(json_response(answer.body, status=answer.status), answer)


def _with_headers(response: HttpResponse, answer: Answer) -> HttpResponse:
    if answer.version:
        response["ETag"] = answer.version
    if answer.location:
        response["Location"] = answer.location
    return response


def _seen(request: HttpRequest, version: str) -> bool:
    """Whether the client has this version already."""
    seen = [part.strip() for part in request.META.get("HTTP_IF_NONE_MATCH", "").split(",")]
    return "*" in seen or version in seen or version.removeprefix("W/") in seen
