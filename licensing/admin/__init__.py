"""Admin pages of licensing/: each module lists its pages as (model, page)."""

from licensing.admin import catalogue, license_types, licenses, parties, rights

PAGES = (*catalogue.PAGES, *parties.PAGES, *rights.PAGES, *license_types.PAGES, *licenses.PAGES)
