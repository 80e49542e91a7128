"""Admin pages of licensing/: each module lists its pages as (model, page)."""

from licensing.admin import agreements, catalogue, license_types, licenses, parties, rights

PAGES = (*catalogue.PAGES, *parties.PAGES, *agreements.PAGES, *rights.PAGES, *license_types.PAGES, *licenses.PAGES)
