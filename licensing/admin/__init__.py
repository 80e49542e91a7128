"""Admin pages of licensing/: each module lists its pages as (model, page)."""

from licensing.admin import bundles, catalogue, features, license_types, licenses, releases, rights, usage

PAGES = (
    *catalogue.PAGES,
    *rights.PAGES,
    *license_types.PAGES,
    *licenses.PAGES,
    *features.PAGES,
    *releases.PAGES,
    *bundles.PAGES,
    *usage.PAGES,
)
