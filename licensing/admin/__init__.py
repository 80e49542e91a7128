"""Admin pages of licensing/: each module lists its pages as (model, page)."""

from licensing.admin import activations, catalogue, license_types, licenses, rights

PAGES = (*catalogue.PAGES, *rights.PAGES, *license_types.PAGES, *licenses.PAGES, *activations.PAGES)
