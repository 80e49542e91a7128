"""Addresses of the import pages, of product owners, and of the customers' portal."""

from django.urls import path

from licensing import portal, product_owners, views

app_name = "licensing"
urlpatterns = [
    path("portal/", portal.portal, name="portal"),
    path("portal/licenses/<uuid:license_id>/", portal.portal_license, name="portal-license"),
    path("it/product-owners/", product_owners.product_owner_list, name="product-owners"),
    path("it/product-owners/<uuid:owner_id>/end/", product_owners.end_product_owner, name="product-owner-end"),
    path("it/imports/", views.imports, name="imports"),
    path("it/imports/samples/<str:name>", views.sample, name="import-sample"),
    path("it/imports/<uuid:batch_id>/", views.import_batch, name="import"),
    path("it/imports/<uuid:batch_id>/commit/", views.commit_import, name="import-commit"),
    path("it/imports/<uuid:batch_id>/progress/", views.import_progress, name="import-progress"),
    path("it/imports/<uuid:batch_id>/errors.csv", views.import_errors, name="import-errors"),
]
