"""A name that is taken is a mistake of the input, on every page and address that writes rows directly."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from django.forms.models import model_to_dict

from config.api import router
from config.composition import site
from identity.models import Organization, OrgUnit
from kernel.admin import RecordedAdmin
from kernel.ids import new_id
from kernel.owned import constraint_errors
from licensing.models import Edition, Party, Product, Publisher, VendorContact
from licensing.rest.catalogue import RecordedViewSet
from tests.factories import identity, licensing
from tests.factories.tenants import Tenant, signed_in, tenant

pytestmark = pytest.mark.django_db

PAGES: dict[type[Model], RecordedAdmin] = {
    model: page
    for model, page in site._registry.items()
    # Of a contact there is one row, whatever its name.
    if isinstance(page, RecordedAdmin) and model is not VendorContact
}
REGISTERED: list[tuple[str, Any]] = [
    (f"/api/v1/{path}/", view) for path, view, _name in router.registry if issubclass(view, RecordedViewSet)
]
VIEWSETS = {view.serializer_class.Meta.model: (path, view) for path, view in REGISTERED}
MADE: dict[type[Model], Callable[[Organization], Model]] = {
    Publisher: lambda house: licensing.publisher(house, name="Lumen"),
    Product: lambda house: licensing.product(house, name="Lumen CAD", code="lumen-cad"),
    Edition: lambda house: licensing.edition(licensing.product(house), name="Professional"),
    Party: lambda house: licensing.party(house, name="Norrland Software"),
    OrgUnit: lambda house: identity.unit(house, code="CC-1", name="Works"),
}
TAKEN: dict[type[Model], str] = {OrgUnit: "code"}
"""What must be unique where it is not `name`."""
every_page = pytest.mark.parametrize("model", PAGES, ids=lambda model: model._meta.label)
every_address = pytest.mark.parametrize("model", VIEWSETS, ids=lambda model: model._meta.label)


@pytest.fixture
def house() -> Tenant:
    return tenant("buyer")


def made(house: Tenant, model: type[Model]) -> Model:
    with house.writing():
        return MADE[model](house.organization)


def form_data(house: Tenant, model: type[Model]) -> dict[str, Any]:
    """What a browser sends who types an existing row a second time, the name in capitals."""
    row = made(house, model)
    page = PAGES[model]
    hidden = set(page.exclude or ())
    data = {name: value for name, value in model_to_dict(row).items() if name not in hidden and value is not None}
    for inline in page.inlines:
        relation = next(field for field in inline.model._meta.fields if field.related_model is model)
        prefix = relation.remote_field.get_accessor_name()
        data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
    if hasattr(row, "name_lower"):
        data["name"] = str(data["name"]).upper()
    return data


def body(house: Tenant, model: type[Model]) -> dict[str, Any]:
    """The same for REST: the fields that the serializer takes."""
    row = made(house, model)
    _path, view = VIEWSETS[model]
    serializer = view.serializer_class(row)
    with house.reading():
        shown = serializer.data
    given = {name: shown[name] for name, field in serializer.fields.items() if not field.read_only}
    return {name: value for name, value in given.items() if value not in (None, "")} | {"name": shown["name"].upper()}


def rows(house: Tenant, model: type[Model]) -> int:
    with house.reading():
        return model._default_manager.count()


def test_every_page_and_address_is_tested() -> None:
    """Whoever adds a page or an address that writes rows directly says here how such a row is made."""
    assert set(PAGES) | set(VIEWSETS) == set(MADE)


@every_page
def test_a_taken_name_is_said_beside_its_field(house: Tenant, model: type[Model]) -> None:
    """The admin shows the form again with the mistake at the field, and no second row exists."""
    data = form_data(house, model)
    field = TAKEN.get(model, "name")
    before = rows(house, model)
    answer = signed_in(house, "it_admin").post(f"/admin/{model._meta.label_lower.replace('.', '/')}/add/", data)
    assert answer.status_code == 200
    errors = answer.context["adminform"].form.errors
    assert list(errors) == [field] or (model is Product and set(errors) == {"name", "code"})
    assert f"already has this {field}" in errors[field][0]
    assert rows(house, model) == before


@every_page
def test_the_name_of_another_organisation_is_free(house: Tenant, model: type[Model]) -> None:
    """What exists elsewhere is no obstacle, and nothing tells that it exists."""
    made(tenant("buyer"), model)
    data = form_data(house, model)
    label = model._meta.label_lower.replace(".", "/")
    with house.writing():
        model._default_manager.all().delete()
    answer = signed_in(house, "it_admin").post(f"/admin/{label}/add/", data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert rows(house, model) == 1


@every_page
def test_a_row_keeps_its_own_name(house: Tenant, model: type[Model]) -> None:
    """Saving a row again under its own name, in other letters, is no collision with itself."""
    data = form_data(house, model)
    with house.reading():
        row = model._default_manager.get()
    address = f"/admin/{model._meta.label_lower.replace('.', '/')}/{row.pk}/change/"
    assert signed_in(house, "it_admin").post(address, data).status_code == 302
    with house.reading():
        assert model._default_manager.get(pk=row.pk).name == data["name"]  # type: ignore[attr-defined]  # all have one


@every_address
def test_a_taken_name_is_a_mistake_of_the_body(house: Tenant, model: type[Model]) -> None:
    """REST answers 400 as problem+json with a pointer to the field, and no second row exists."""
    sent = body(house, model)
    before = rows(house, model)
    answer = signed_in(house, "it_admin").post(VIEWSETS[model][0], sent, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert "/name" in [error["pointer"] for error in answer.json()["errors"]]
    assert rows(house, model) == before


@every_address
def test_renaming_to_a_taken_name_is_refused(house: Tenant, model: type[Model]) -> None:
    """PATCH compares with the other rows, by the row's own publisher, product or kind, and not with the row itself."""
    sent = body(house, model)
    with house.writing():
        other: Any = model._default_manager.get()
        other.id, other.name, other.name_lower = new_id(), "Another", "another"
        if model is Product:
            other.code = ""
        other.save(force_insert=True)
    browser = signed_in(house, "it_admin")
    address = f"{VIEWSETS[model][0]}{other.pk}/"
    answer = browser.patch(address, {"name": sent["name"]}, content_type="application/json")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/name")
    assert browser.patch(address, {"name": "ANOTHER"}, content_type="application/json").status_code == 200


@every_address
def test_rest_leaves_other_organisations_names_free(house: Tenant, model: type[Model]) -> None:
    """The same name in another organisation is no obstacle over REST either."""
    made(tenant("buyer"), model)
    sent = body(house, model)
    with house.writing():
        model._default_manager.all().delete()
    answer = signed_in(house, "it_admin").post(VIEWSETS[model][0], sent, content_type="application/json")
    assert answer.status_code == 201, answer.json()


def test_fields_already_wrong_are_left_alone(house: Tenant) -> None:
    """A constraint on a field with a mistake of its own, or on that field's twin, is not reported on top of it."""
    with house.writing():
        licensing.publisher(house.organization, name="Lumen")
        twin = Publisher(organization=house.organization, name="Lumen", name_lower="lumen")
        assert list(constraint_errors(twin)) == ["name"]
        assert constraint_errors(twin, exclude={"name"}) == {}
