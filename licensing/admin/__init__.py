"""Admin pages of licensing/: each module lists its pages as (model, page)."""

from licensing.admin import catalogue, rights

PAGES = (*catalogue.PAGES, *rights.PAGES)
