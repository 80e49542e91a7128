"""Addresses of the import pages."""

from django.urls import path

from licensing import views

app_name = "licensing"
urlpatterns = [
    path("it/imports/", views.imports, name="imports"),
    path("it/imports/samples/<str:name>", views.sample, name="import-sample"),
    path("it/imports/<uuid:batch_id>/", views.import_batch, name="import"),
    path("it/imports/<uuid:batch_id>/commit/", views.commit_import, name="import-commit"),
    path("it/imports/<uuid:batch_id>/progress/", views.import_progress, name="import-progress"),
    path("it/imports/<uuid:batch_id>/errors.csv", views.import_errors, name="import-errors"),
]
