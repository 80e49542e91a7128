"""Addresses below /scim/v2/, with the names that django_scim gives them. Mounted once, in config.urls."""

from typing import Any

from django.urls import path, re_path

from identity.scim import bulk, discovery, views

app_name = "scim"


def _open(view: type[views.ScimView]) -> Any:
    """The view, and what access tokens need for it, where the tests of routes look for that."""
    opened = view.as_view()
    opened.permission = view.permission
    return opened


urlpatterns = [
    path("", _open(views.RootView), name="root"),
    path(".search", _open(views.SearchView), name="search"),
    path("Users/.search", _open(views.UserSearchView), name="users-search"),
    re_path(r"^Users(?:/(?P<uuid>[^/]+))?$", _open(views.UsersView), name="users"),
    path("Groups/.search", _open(views.GroupSearchView), name="groups-search"),
    re_path(r"^Groups(?:/(?P<uuid>[^/]+))?$", _open(views.GroupsView), name="groups"),
    path("Me", _open(views.MeView), name="me"),
    path("ServiceProviderConfig", _open(discovery.ServiceProviderConfigView), name="service-provider-config"),
    re_path(r"^ResourceTypes(?:/(?P<uuid>[^/]+))?$", _open(discovery.ResourceTypesView), name="resource-types"),
    re_path(r"^Schemas(?:/(?P<uuid>[^/]+))?$", _open(discovery.SchemasView), name="schemas"),
    path("Bulk", _open(bulk.BulkView), name="bulk"),
    path("<path:path>", _open(views.NowhereView), name="nowhere"),
]
