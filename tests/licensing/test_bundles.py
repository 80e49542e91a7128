"""Bundles and use rights: no circles, what licences of a bundle cover, and the resources by the list."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from licensing.models import Product
from licensing.operations.bundles import BundleCycle, add_component, end_component
from licensing.queries.bundles import bundle_edges, components_of
from licensing.rules.graphs import circles, closes_circle, reachable
from tests.factories import licensing
from tests.factories.tenants import Tenant, signed_in, tenant
from tests.graphs import data
from tests.licensing.vendors import Vendor, ask, vendor

NODES = st.integers(0, 6)
EDGES = st.lists(st.tuples(NODES, NODES), max_size=25)


@given(EDGES)
def test_a_graph_that_is_built_by_the_rule_has_no_circle(edges: list[tuple[int, int]]) -> None:
    """Whatever is tried in whatever order, what was let in leads nowhere back."""
    kept: list[tuple[int, int]] = []
    for edge in edges:
        if not closes_circle(kept, *edge):
            kept.append(edge)
    assert circles(kept) == set()


@given(EDGES, NODES, NODES)
def test_only_what_closes_a_circle_is_refused(edges: list[tuple[int, int]], source: int, target: int) -> None:
    """The rule refuses an edge exactly when the graph with it has a circle through it."""
    assert closes_circle(edges, source, target) == (source in reachable([*edges, (source, target)], source)) or (
        source in reachable(edges, source)
    )


@pytest.fixture
def lumen() -> Vendor:
    return vendor("lumen")


@pytest.fixture
def operator(lumen: Vendor) -> Client:
    return signed_in(lumen.house, "vendor_ops")


def product(lumen: Vendor, code: str) -> Product:
    with lumen.house.writing():
        return licensing.product(lumen.house.organization, code=code)


def send(browser: Client, path: str, body: Any = None) -> Any:
    return browser.post(f"/api/v1/{path}/", body or {}, content_type="application/json")


@pytest.mark.django_db
def test_a_licence_of_a_bundle_covers_its_components(lumen: Vendor, operator: Client) -> None:
    """At any depth, from the next validation on, until the component is taken out; the other way round never."""
    _license, key = lumen.keyed("subscription")
    suite, viewer = product(lumen, "suite"), product(lumen, "viewer")
    for code in ("suite", "viewer"):
        assert ask(key, scope={"product": code}).json()["code"] == "PRODUCT_MISMATCH"
    first = send(operator, "bundle-items", {"parent": str(lumen.product.id), "component": str(suite.id)}).json()
    send(operator, "bundle-items", {"parent": str(suite.id), "component": str(viewer.id)})
    for asked in ("suite", "viewer", str(viewer.id), "lumen-cad"):
        assert ask(key, scope={"product": asked}).json()["code"] == "VALID", asked
    assert operator.delete(f"/api/v1/bundle-items/{first['id']}/").status_code == 204
    assert ask(key, scope={"product": "viewer"}).json()["code"] == "PRODUCT_MISMATCH"


@pytest.mark.django_db
def test_bundles_run_in_no_circle(lumen: Vendor, operator: Client) -> None:
    """Directly, by way of a third or of itself: refused with a code; ended rows do not count."""
    a, b, c = lumen.product, product(lumen, "b"), product(lumen, "c")
    for parent, component in ((a, b), (b, c)):
        assert (
            send(operator, "bundle-items", {"parent": str(parent.id), "component": str(component.id)}).status_code
            == 201
        )
    for parent, component in ((c, a), (b, a), (a, a)):
        refused = send(operator, "bundle-items", {"parent": str(parent.id), "component": str(component.id)})
        assert (refused.status_code, refused.json()["code"]) == (409, "BUNDLE_CYCLE")
    twice = send(operator, "bundle-items", {"parent": str(a.id), "component": str(b.id)})
    assert (twice.status_code, twice.json()["code"]) == (409, "BUNDLE_ITEM_EXISTS")
    with lumen.house.reading():
        assert {code for _id, code in components_of([a.id])[a.id]} == {"b", "c"}
        assert circles(bundle_edges()) == set()


@pytest.mark.django_db
def test_ended_components_open_the_way(lumen: Vendor) -> None:
    """What was taken out may become the bundle."""
    a, b = lumen.product, product(lumen, "b")
    with lumen.house.writing() as trail:
        row = add_component(parent=a, component=b, trail=trail)
    with pytest.raises(BundleCycle), lumen.house.writing() as trail:
        add_component(parent=b, component=a, trail=trail)
    with lumen.house.writing() as trail:
        end_component(item_id=row.id, trail=trail)
        add_component(parent=b, component=a, trail=trail)


@pytest.mark.django_db
def test_features_of_components_can_be_granted(lumen: Vendor, operator: Client) -> None:
    """The catalogue of a bundle is its own and that of its components; its own goes first."""
    viewer = product(lumen, "viewer")
    with lumen.house.writing():
        licensing.bundle_item(lumen.product, viewer)
        licensing.feature(viewer, code="export", kind="quantity")
    body = {"license": str(lumen.license().id), "name": "More", "features": [{"code": "export"}]}
    assert send(operator, "add-ons", body).json()["mistakes"][0]["code"] == "FEATURE_VALUE_MISSING"


@pytest.fixture
def buyer() -> Tenant:
    return tenant("buyer")


@pytest.mark.django_db
def test_downgrades_run_in_no_circle(buyer: Tenant) -> None:
    """From 2024 to 2022 and on to 2020; not back, and not to itself; targets are for changes of edition alone."""
    with buyer.writing():
        cad = licensing.product(buyer.organization, name="CAD")
        years = [licensing.edition(cad, name=name) for name in ("2024", "2022", "2020")]
        rights = [licensing.entitlement(buyer.organization, product=cad, edition=one) for one in years]
    browser = signed_in(buyer, "it_admin", "procurement")

    def downgrade(source: int, target: int, **changes: Any) -> Any:
        body = {
            "entitlement": str(rights[source].id),
            "kind": "downgrade",
            "target_product": str(cad.id),
            "target_edition": str(years[target].id),
            **changes,
        }
        return send(browser, "use-rights", body)

    for source, target in ((0, 1), (1, 2)):
        made = downgrade(source, target)
        assert made.status_code == 201, made.content
    for source, target in ((2, 0), (1, 0), (0, 0)):
        assert downgrade(source, target).json()["code"] == "USE_RIGHT_CYCLE"
    assert downgrade(0, 1).json()["code"] == "USE_RIGHT_EXISTS"
    assert downgrade(0, 2, kind="second_use").json()["code"] == "USE_RIGHT_INVALID"
    assert downgrade(0, 2, target_product=None).json()["code"] == "USE_RIGHT_INVALID"
    assert downgrade(0, 2, ratio="0").json()["code"] == "USE_RIGHT_INVALID"
    assert downgrade(0, 2, ratio="many").status_code == 400
    free = {"entitlement": str(rights[0].id), "kind": "second_use", "ratio": "1.5"}
    made = send(browser, "use-rights", free)
    assert (made.status_code, made.json()["ratio"]) == (201, "1.5000")
    assert browser.delete(f"/api/v1/use-rights/{made.json()['id']}/").status_code == 204
    query = '{ useRights(filter: { kind: "downgrade" }) { nodes { ratio targetEdition { name } entitlement { id } } } }'
    assert {one["targetEdition"]["name"] for one in data(browser, query)["useRights"]["nodes"]} == {"2022", "2020"}


@pytest.mark.django_db
@pytest.mark.parametrize("resource", ["bundle-items", "use-rights"])
def test_each_resource_by_the_list(resource: str) -> None:
    """Read in as many queries however long; 401, 403 and 404 for the others, who end nothing."""
    house = tenant("both")
    with house.writing():
        parts = [licensing.product(house.organization) for _ in range(4)]
        row: Any = licensing.bundle_item(parts[0], parts[1])
        right = licensing.entitlement(house.organization)
        if resource == "use-rights":
            row = licensing.use_right(right)
    roles = ("it_admin", "vendor_ops", "procurement")
    browser, stranger = signed_in(house, *roles), signed_in(tenant("both"), *roles)
    paths = (f"/api/v1/{resource}/", f"/api/v1/{resource}/{row.id}/")
    with CaptureQueriesContext(connection) as before:
        assert len(browser.get(paths[0]).json()["results"]) == 1
    with house.writing():
        licensing.bundle_item(parts[0], parts[2])
        licensing.use_right(right, kind="non_production")
    with CaptureQueriesContext(connection) as after:
        assert len(browser.get(paths[0]).json()["results"]) == 2
    assert len(before) == len(after) <= 10
    for path in paths:
        assert browser.get(path).status_code == 200
        assert Client(HTTP_HOST="127.0.0.1").get(path).status_code == 401
        assert signed_in(house, "member").get(path).status_code == 403
    assert stranger.get(paths[1]).status_code == stranger.delete(paths[1]).status_code == 404
    assert signed_in(house, "support").delete(paths[1]).status_code == 403
    assert signed_in(house, "support").post(paths[0], {}, content_type="application/json").status_code == 403
    assert browser.get(f"/admin/licensing/{resource.replace('-', '').removesuffix('s')}/").status_code == 200
